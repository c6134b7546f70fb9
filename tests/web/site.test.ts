// The page over HTTP, from the sources: its files, their headers, and under which paths they are.
import { describe, expect, test } from "bun:test";
import type { Guard } from "../../lib/web/guard.ts";
import { openSite } from "../../lib/web/site.ts";

const everyone: Guard = () => undefined;
const site = openSite({ path: "/ws", base: "/", settings: { form: false }, guard: everyone });

function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return site.answer(new Request(`http://localhost${path}`, { method, headers }));
}

/** What the page's HTML refers to. */
function references(html: string): readonly string[] {
  return [...html.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, reference = ""]) => reference);
}

/** What no answer may be without. */
function expectSafe({ headers }: Response): void {
  expect(headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self';");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(headers.get("permissions-policy")).toContain("camera=()");
  expect(headers.get("set-cookie")).toBeNull();
}

describe("the page", () => {
  test("is HTML that is asked for anew each time, and not sent again when it is the same", async () => {
    const page = await get("/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    expectSafe(page);
    const etag = page.headers.get("etag")!;
    const again = await get("/", { "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect(again.headers.get("etag")).toBe(etag);
    expect((await get("/", { "if-none-match": 'W/"other"' })).status).toBe(200);
  });

  test("has scripts and styles of its own only, each there under its name, for ever", async () => {
    const html = await (await get("/")).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\bstyle=|<style|\bon\w+=/);
    const names = references(html);
    expect(names.join()).toMatch(/\.js\b/);
    for (const name of names) {
      expect(name).toStartWith("./");
      const file = await get(name.slice(1));
      expect(file.status).toBe(200);
      expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(file.headers.get("content-type")).not.toContain("octet-stream");
      expectSafe(file);
    }
  });

  test("has the icons that its manifest names", async () => {
    const html = await (await get("/")).text();
    const manifest = references(html).find((name) => name.endsWith(".webmanifest"))!;
    const answer = await get(manifest.slice(1));
    expect(answer.headers.get("content-type")).toBe("application/manifest+json");
    const { icons, start_url } = (await answer.json()) as { icons: { src: string; type: string }[]; start_url: string };
    expect(start_url).toBe("./");
    expect(icons.length).toBeGreaterThan(2);
    for (const { src, type } of [...icons, { src: "icon-mention.svg", type: "image/svg+xml" }]) {
      expect(src).not.toContain("/");
      const icon = await get(`/${src}`);
      expect(icon.status).toBe(200);
      expect(icon.headers.get("content-type")).toBe(type);
      expect(icon.headers.get("cache-control")).toBe("no-cache");
    }
  });

  test("is small for who takes it small, and the same for who does not", async () => {
    const plain = await get("/");
    const small = await get("/", { "accept-encoding": "br, gzip" });
    expect(small.headers.get("content-encoding")).toBe("gzip");
    expect(plain.headers.get("content-encoding")).toBeNull();
    for (const answer of [plain, small]) expect(answer.headers.get("vary")).toBe("accept-encoding");
    expect(new TextDecoder().decode(Bun.gunzipSync(await small.bytes()))).toBe(await plain.text());
    for (const refusal of ["gzip;q=0", "br", "gzip; q=0.0, br"])
      expect((await get("/", { "accept-encoding": refusal })).headers.get("content-encoding")).toBeNull();
  });

  test("under another path is whole there and nowhere else", async () => {
    const hidden = openSite({ path: "/secret/ws", base: "/secret/", settings: {}, guard: everyone });
    const at = (path: string) => hidden.answer(new Request(`http://localhost${path}`));
    const html = await (await at("/secret/")).text();
    for (const name of references(html)) expect((await at(`/secret/${name.slice(2)}`)).status).toBe(200);
    for (const path of ["/", "/secret", "/icon.svg", "/secrets/", "/SECRET/"])
      expect((await at(path)).status).toBe(404);
  });

  test("is told what was set, whatever signs are in it", async () => {
    const settings = { form: true, server: `"><script>alert(1)</script>&quot;&amp;'`, name: "Ädä <b>" };
    const told = openSite({ path: "/ws", base: "/", settings, guard: everyone });
    const html = await (await told.answer(new Request("http://localhost/"))).text();
    let content = "";
    new HTMLRewriter()
      .on('meta[name="chat"]', { element: (meta) => void (content = meta.getAttribute("content") ?? "") })
      .transform(html);
    // As a browser reads an attribute.
    const read = content.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
    expect(JSON.parse(read)).toEqual(settings);
    expect(references(html).length).toBe(references(await (await get("/")).text()).length);
  });
});

test.each(["/nothing", "/index.html", "/page.html", "//", "/../server.ts", "/%2e%2e/server.ts", "/main.tsx", "/ws/"])(
  "%s is not there, and the answer is as safe as the page",
  async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe("There is nothing here.\n");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expectSafe(answer);
  },
);

test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])(
  "%s changes nothing: the page can only be read",
  async (method) => {
    const answer = await get("/", {}, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expectSafe(answer);
  },
);

test("who is not let in is told why, as safely as the others", async () => {
  const closed = openSite({ path: "/ws", base: "/", settings: {}, guard: () => ({ status: 421, text: "Not here." }) });
  const refusal = closed.refuse(new Request("http://localhost/"))!;
  expect(refusal.status).toBe(421);
  expect(await refusal.text()).toBe("Not here.\n");
  expectSafe(refusal);
  expect(site.refuse(new Request("http://localhost/"))).toBeUndefined();
});

test("what the listener has to say itself is as safe as the others", () => {
  const said = site.sentence(426, "Here is a WebSocket.", { upgrade: "websocket" });
  expect([said.status, said.headers.get("upgrade")]).toEqual([426, "websocket"]);
  expectSafe(said);
});
