// The page over HTTP: which of its files a request is for, and how browsers may keep them. Knows nothing of sockets and rooms.
import type { Site } from "../transport/site.ts";
import { answer, sentence } from "./answer.ts";
import { type Guard, type Known, meansOnly } from "./guard.ts";
import type { PageFile } from "./page-files.ts";

export interface SiteOptions {
  readonly path: string;
  /** Where the page is: `/`, or a path that ends in it. */
  readonly base: string;
  /** What the page is told. */
  readonly settings: object;
  readonly guard: Guard;
  /** Other names of the server than its addresses. */
  readonly known?: Known;
}

const NOT_KNOWN: Known = { names: [], origins: [] };

/** Costs nothing until the first request. */
export function openSite({ path, base, settings, guard, known = NOT_KNOWN }: SiteOptions): Site {
  let files: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const read = async () => {
    try {
      const { readPage } = await import("./page-files.ts");
      return await readPage(settings);
    } catch (error) {
      // From the sources, the next request may find the mistake mended.
      files = undefined;
      throw error;
    }
  };
  return {
    path,
    sentence,
    refuse({ headers }) {
      const denial = guard(headers.get("host"), headers.get("origin"));
      return denial && sentence(denial.status, denial.text);
    },
    isOwn: (host, at) => meansOnly(host, at, known),
    async answer(request) {
      if (request.method !== "GET" && request.method !== "HEAD")
        return sentence(405, "The page can only be read.", { allow: "GET, HEAD" });
      const { pathname } = new URL(request.url);
      const file = pathname.startsWith(base) ? (await (files ??= read())).get(pathname.slice(base.length)) : undefined;
      return file ? handOut(file, request.headers) : sentence(404, "There is nothing here.");
    },
  };
}

function handOut({ type, body, gzip, etag, hashed }: PageFile, asked: Headers): Response {
  const headers = {
    etag,
    "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache",
    ...(gzip && { vary: "accept-encoding" }),
  };
  if (asked.get("if-none-match")?.includes(etag)) return answer(304, null, headers);
  const small = gzip && takesGzip(asked.get("accept-encoding") ?? "");
  return answer(200, small ? gzip : body, {
    ...headers,
    "content-type": type,
    ...(small && { "content-encoding": "gzip" }),
  });
}

function takesGzip(accepted: string): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);
}
