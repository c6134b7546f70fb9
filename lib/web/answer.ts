// Every answer that a page's server gives is made here, refusals too, so that none goes without the headers that keep the page safe.

/**
 * The page runs its own script and reaches its own server, nothing else: whatever slips through into it finds no way to run
 * and no place to send to. 'self' holds for the WebSocket of the same host and port too.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
};

export function answer(
  status: number,
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | string | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** A sentence for people, instead of what they asked for. */
export function sentence(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(status, `${text}\n`, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
}
