// The files that the page is made of, as a server hands them out. In a compiled program they are bundled already; from the sources they are bundled here.
import { basename } from "node:path";
import appleTouchIcon from "./page/apple-touch-icon.png" with { type: "file" };
import icon192 from "./page/icon-192.png" with { type: "file" };
import icon512 from "./page/icon-512.png" with { type: "file" };
import iconMention from "./page/icon-mention.svg" with { type: "file" };
import icon from "./page/icon.svg" with { type: "file" };
import page from "./page/page.html";

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, smaller; nothing where it would not be. */
  readonly gzip: Uint8Array<ArrayBuffer> | undefined;
  readonly etag: string;
  /** Its name changes with it, so it may be kept for ever. */
  readonly hashed: boolean;
}

/** What `page` is in a compiled program. Bun does not document it: a test of the binary holds it. */
interface Bundled {
  readonly files?: readonly { readonly path: string }[];
}

/** Names that the manifest and the page say themselves: the bundler changes only those in the HTML. */
const STABLE: Readonly<Record<string, string>> = {
  "icon.svg": icon,
  "icon-mention.svg": iconMention,
  "icon-192.png": icon192,
  "icon-512.png": icon512,
  "apple-touch-icon.png": appleTouchIcon,
};

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

/** The page itself is the file without a name. `settings` is what it is told, in `<meta name="chat">`. */
export async function readPage(settings: object): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const { name, body } of (await bundled()) ?? (await bundle())) {
    if (name.endsWith(".html")) files.set("", pageFile(name, await filled(body, settings), false));
    else if (name.endsWith(".js")) files.set(name, pageFile(name, await beside(body), true));
    else if (typeOf(name)) files.set(name, pageFile(name, new Uint8Array(await body.arrayBuffer()), true));
  }
  for (const [name, path] of Object.entries(STABLE))
    files.set(name, pageFile(name, await Bun.file(path).bytes(), false));
  return files;
}

interface Named {
  readonly name: string;
  readonly body: Blob;
}

async function bundled(): Promise<readonly Named[] | undefined> {
  return (page as Bundled).files?.map(({ path }) => ({ name: basename(path), body: Bun.file(path) }));
}

async function bundle(): Promise<readonly Named[]> {
  const { outputs } = await Bun.build({
    entrypoints: [page.index],
    target: "browser",
    minify: true,
    splitting: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputs.map((output) => ({ name: basename(output.path), body: output }));
}

/** The HTML, told `settings`, and with the names of its files as seen from where it is: it is served under other paths than `/` too. */
async function filled(html: Blob, settings: object): Promise<Uint8Array<ArrayBuffer>> {
  // The rewriter escapes quotes, but takes `&` for an escape of ours.
  const content = JSON.stringify(settings).replaceAll("&", "&amp;");
  const rewriter = new HTMLRewriter()
    .on('meta[name="chat"]', { element: (meta) => void meta.setAttribute("content", content) })
    .on('[href^="/"]', { element: (link) => void link.setAttribute("href", `.${link.getAttribute("href")}`) })
    .on('[src^="/"]', { element: (script) => void script.setAttribute("src", `.${script.getAttribute("src")}`) });
  return new TextEncoder().encode(rewriter.transform(await html.text()));
}

/** A script, which finds the other ones beside it: the bundler has them all at the top. */
async function beside(script: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new TextEncoder().encode((await script.text()).replace(/"\/(chunk-\w+\.js)"/g, '"./$1"'));
}

function pageFile(name: string, body: Uint8Array<ArrayBuffer>, hashed: boolean): PageFile {
  const gzip = name.endsWith(".png") ? undefined : Bun.gzipSync(body, { library: "libdeflate", level: 12 });
  return {
    type: typeOf(name) ?? "application/octet-stream",
    body,
    gzip: gzip && gzip.length < body.length ? gzip : undefined,
    etag: `W/"${Bun.hash(body).toString(36)}"`,
    hashed,
  };
}

function typeOf(name: string): string | undefined {
  return TYPES[name.slice(name.lastIndexOf(".") + 1)];
}
