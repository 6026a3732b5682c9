import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkIn } from "../../src/webhooks/link.ts";
import { type Page, type Paging, nextPage } from "../../src/webhooks/pages.ts";
import { atPointer } from "../../src/webhooks/pointer.ts";
import { get, hooks, request, serve } from "./service.ts";

const URL_ = "https://a.example/items?q=a%20b&sign=%2f";

function next(paging: Paging, page: Partial<Page>, url = URL_): string | null {
  return (
    nextPage(paging, request(url, { hosts: ["b.example"] }), { url, headers: {}, json: undefined, ...page })?.url ??
    null
  );
}

describe("the next page", () => {
  it("is where the Link header says, and nowhere that the request may not be led to", () => {
    const by = (link: string, url = URL_): string | null => next({ by: "link" }, { headers: { link }, url });
    expect(by('<https://a.example/items?page=2>; rel="next"')).toBe("https://a.example/items?page=2");
    expect(by('</first>; rel=first, <?page=2>; rel="prev NEXT"', "https://a.example/moved")).toBe(
      "https://a.example/moved?page=2",
    );
    expect(by("</last>; rel=last")).toBeNull();
    expect(by("")).toBeNull();
    expect(by(`<${URL_}>; rel=next`)).toBeNull();
    expect(() => by("<https://evil.example/>; rel=next")).toThrow(/which the webhook does not list/);
    expect(() => by("<http://a.example/>; rel=next")).toThrow(/not encrypted/);
    const secrets = { headers: [["Authorization", "secret"]] as const, hosts: ["b.example"] };
    const page = { url: URL_, headers: { link: "<https://b.example/2>; rel=next" }, json: undefined };
    expect(nextPage({ by: "link" }, request(URL_, secrets), page)).toMatchObject({
      url: "https://b.example/2",
      headers: [],
    });
  });

  it("is what the cursor in the answer says, until there is none", () => {
    const by = (json: unknown, url = URL_): string | null =>
      next({ by: "cursor", cursor: "/meta/next", parameter: "after me" }, { json }, url);
    expect(by({ meta: { next: "x&y=1#z é" } })).toBe(`${URL_}&after%20me=x%26y%3D1%23z%20%C3%A9`);
    expect(by({ meta: { next: 7 } }, "https://a.example/")).toBe("https://a.example/?after%20me=7");
    expect(by({ meta: { next: 8 } }, "https://a.example/?after+me=7&x=%2b")).toBe(
      "https://a.example/?x=%2b&after%20me=8",
    );
    expect(by({ meta: { next: 7 } }, "https://a.example/?after%20me=7")).toBeNull();
    for (const none of [
      undefined,
      null,
      [],
      "x",
      { meta: null },
      { meta: {} },
      { meta: { next: null } },
      { meta: { next: "" } },
      { meta: { next: false } },
      { meta: { next: {} } },
    ])
      expect([none, by(none)]).toEqual([none, null]);
  });

  it("is the next number, until a page has no items", () => {
    const by = (json: unknown, url: string, items = "/items"): string | null =>
      next({ by: "page", parameter: "page", first: 0, items }, { json }, url);
    expect(by({ items: [1] }, URL_)).toBe(`${URL_}&page=1`);
    expect(by([1], "https://a.example/?page=7&q=1", "")).toBe("https://a.example/?q=1&page=8");
    expect(by({ items: [1] }, "https://a.example/?page=last")).toBeNull();
    for (const none of [{ items: [] }, { items: null }, {}, [], undefined, "text"])
      expect([none, by(none, URL_)]).toEqual([none, null]);
  });

  it("leads through all pages of a service, by each of the three ways", async () => {
    const { url } = await serve((asked, response) => {
      const query = new URL(asked.url ?? "", "http://here").searchParams;
      const page = Number(query.get("page") ?? query.get("after") ?? 1);
      if (page < 4) response.setHeader("Link", `</items?page=${page + 1}>; rel="next"`);
      response.end(JSON.stringify({ items: page <= 4 ? [page] : [], next: page < 4 ? String(page + 1) : null }));
    });
    const by = hooks();
    for (const paging of [
      { by: "link" },
      { by: "cursor", cursor: "/next", parameter: "after" },
      { by: "page", parameter: "page", first: 1, items: "/items" },
    ] as const) {
      const items: unknown[] = [];
      for (let asked: ReturnType<typeof nextPage> = request(`${url}/items`); asked;) {
        const got = await get(by, asked);
        const json = JSON.parse(got.text) as { items: unknown[] };
        items.push(...json.items);
        asked = nextPage(paging, asked, { ...got, json });
      }
      expect(items).toEqual([1, 2, 3, 4]);
    }
  });
});

describe("a Link header", () => {
  it("is read as RFC 8288 writes it", () => {
    const cases: readonly (readonly [header: string, target: string | null])[] = [
      ["<a>;rel=next", "a"],
      ['<a> ; REL = "next"', "a"],
      ['<a>; title="x, <b>; rel=next"; rel=prev, <c>; rel=next', "c"],
      ['<a>; title="quote \\" , <b>; rel=next"; rel="last next"', "a"],
      ["<a>; rel=prev; rel=next", null],
      ["<a>; rel=nextish", null],
      ['<a>; rel=next; anchor="#x", <b>; rel=next', "b"],
      ["<a,b;c>; rel=next", "a,b;c"],
      [",, ,<a>; rel=next", "a"],
      ["<a>; title*=UTF-8''x; rel=next;", "a"],
      ["a; rel=next", null],
      ["<a", null],
      ["<a>; rel", null],
      ["<a>, <b>; rel=next", "b"],
      ["junk <x>; rel=next, <b>; rel=next", "b"],
    ];
    for (const [header, target] of cases) expect([header, linkIn(header, "next")]).toEqual([header, target]);
  });

  it("of any text ends, and one that was written is found among others", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("<>;,=\"\\ relnxt*'")), maxLength: 200 }),
        (header) => void linkIn(header, "next"),
      ),
    );
    const value = fc.string({ unit: fc.constantFrom(...Array.from("ab<>;, =")) });
    fc.assert(
      fc.property(fc.array(value), fc.stringMatching(/^[a-z0-9/?&=;,]{1,20}$/), (titles, target) => {
        const others = titles.map((title) => `<other>; title="${title}"; rel="prev"`);
        expect(linkIn([...others, `<${target}>; title="${titles.join("")}"; rel=next`].join(", "), "next")).toBe(
          target,
        );
      }),
    );
    const long = '<a>; rel=prev; x="'.repeat(4000);
    expect(linkIn(long, "next")).toBeNull();
  });
});

describe("a JSON pointer", () => {
  it("finds what stands there, and nothing that was inherited", () => {
    const json = { "a/b": { "m~n": [0, { "": "here" }] }, list: [1] };
    expect(atPointer(json, "")).toBe(json);
    expect(atPointer(json, "/a~1b/m~0n/1/")).toBe("here");
    for (const pointer of [
      "/a",
      "/list/1",
      "/list/length/x",
      "/__proto__",
      "/constructor",
      "/list/map",
      "/a~1b/m~0n/-",
    ])
      expect([pointer, atPointer(json, pointer)]).toEqual([pointer, undefined]);
  });
});
