// A secret that somebody pastes: alone, or in the link that it came in.

/** What `text` says of `key`: a link's `#invite=…`, whatever stands around it, or the bare secret. Empty where it says nothing. */
export function secretIn(text: string, key: "invite" | "link"): string {
  if (!text.includes("#")) return text.trim();
  return new RegExp(`[#&]${key}=([\\w-]+)`).exec(text)?.[1] ?? "";
}
