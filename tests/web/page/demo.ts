// Serves one part of the page alone, as strictly as the page itself is served, for a real browser to be driven against.
import { join } from "node:path";
import type { ComposerDemo } from "./composer-demo.tsx";
import type { ListDemo } from "./list-demo.tsx";

declare global {
  interface Window {
    listDemo: ListDemo;
    composerDemo: ComposerDemo;
  }
}

export interface Demo extends AsyncDisposable {
  readonly url: string;
}

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; require-trusted-types-for 'script'";

/** `name`: the html file beside this one. */
export async function openDemo(name: string): Promise<Demo> {
  const built = await Bun.build({ entrypoints: [join(import.meta.dir, name)], minify: true });
  const files = new Map(built.outputs.map((file) => [file.path.replace(/^\.?\/?/, "/"), file]));
  const page = built.outputs.find(({ path }) => path.endsWith(".html"));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/favicon.ico") return new Response();
      const file = pathname === "/" ? page : files.get(pathname);
      if (file === undefined) return new Response("There is no such file.", { status: 404 });
      return new Response(file, { headers: { "content-security-policy": POLICY } });
    },
  });
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}
