import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkIn } from "../../src/webhooks/link.ts";
import { linesOf, readPage } from "../../src/webhooks/page.ts";
import { type Page, type Paging, nextPage } from "../../src/webhooks/pages.ts";
import { atPointer } from "../../src/webhooks/pointer.ts";
import { get, hooks, request, serve } from "./service.ts";

const URL_ = "https://a.example/items?q=a%20b&sign=%2f";

function next(paging: Paging, page: Partial<Page>, url = URL_): string | null {
  const whole = { url, headers: {}, items: null, cursor: "", ...page };
  return nextPage(paging, request(url, { hosts: ["b.example"] }), whole)?.url ?? null;
}

/** What is read of a page that is this JSON. */
function read(json: unknown, items: string, cursor: string | null = null): ReturnType<typeof readPage> {
  return readPage(Buffer.from(typeof json === "string" ? json : (JSON.stringify(json) ?? "")), { items, cursor });
}

describe("the next page", () => {
  it("is where the Link header says, and nowhere that the request may not be led to", () => {
    const by = (link: string, url = URL_): string | null => next({ kind: "link" }, { headers: { link }, url });
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
    const page = { url: URL_, headers: { link: "<https://b.example/2>; rel=next" }, items: null, cursor: "" };
    expect(nextPage({ kind: "link" }, request(URL_, secrets), page)).toMatchObject({
      url: "https://b.example/2",
      headers: [],
    });
  });

  it("is what the cursor in the answer says, until there is none", async () => {
    const by = async (json: unknown, url = URL_): Promise<string | null> =>
      next({ kind: "cursor", cursor: "/meta/next", parameter: "after me" }, await read(json, "", "/meta/next"), url);
    expect(await by({ meta: { next: "x&y=1#z é" } })).toBe(`${URL_}&after%20me=x%26y%3D1%23z%20%C3%A9`);
    expect(await by({ meta: { next: 7 } }, "https://a.example/")).toBe("https://a.example/?after%20me=7");
    expect(await by({ meta: { next: 8 } }, "https://a.example/?after+me=7&x=%2b")).toBe(
      "https://a.example/?x=%2b&after%20me=8",
    );
    expect(await by({ meta: { next: 7 } }, "https://a.example/?after%20me=7")).toBeNull();
    for (const none of [
      undefined,
      null,
      [],
      "x",
      '"x"',
      { meta: null },
      { meta: {} },
      { meta: { next: null } },
      { meta: { next: "" } },
      { meta: { next: false } },
      { meta: { next: {} } },
    ])
      expect([none, await by(none)]).toEqual([none, null]);
    expect(await by('{"meta":{"next":9007199254740993}}')).toBe(`${URL_}&after%20me=9007199254740993`);
    await expect(by(String.raw`{"meta":{"next":"\ud800"}}`)).rejects.toThrow(/a cursor that is no Unicode text/);
  });

  it("is the next number, until a page has no items", async () => {
    const by = async (json: unknown, url: string, items = "/items"): Promise<string | null> =>
      next({ kind: "page", parameter: "page", first: 0 }, await read(json, items), url);
    expect(await by({ items: [1] }, URL_)).toBe(`${URL_}&page=1`);
    expect(await by([1], "https://a.example/?page=7&q=1", "")).toBe("https://a.example/?q=1&page=8");
    expect(await by({ items: [1] }, "https://a.example/?page=last")).toBeNull();
    for (const none of [{ items: [] }, { items: null }, {}, [], undefined, "text"])
      expect([none, await by(none, URL_)]).toEqual([none, null]);
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
      { kind: "link" },
      { kind: "cursor", cursor: "/next", parameter: "after" },
      { kind: "page", parameter: "page", first: 1 },
    ] as const) {
      const items: unknown[] = [];
      for (let asked: ReturnType<typeof nextPage> = request(`${url}/items`); asked;) {
        const got = await get(by, asked);
        const json = JSON.parse(got.text) as { items: unknown[] };
        items.push(...json.items);
        asked = nextPage(paging, asked, { ...got, ...(await read(got.text, "/items", "/next")) });
      }
      expect(items).toEqual([1, 2, 3, 4]);
    }
  });
});

describe("a page", () => {
  const PATHS = ["", "/a", "/a/b", "/0", "/1/a", "/a/1", "/~1~0"];
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(
        fc.constantFrom(null, true, false, "", "a"),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: "binary" }),
      ),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "0", "/~", 'é"\\'), tie("value"), { maxKeys: 3 }),
    ),
  })).value;

  it("property: is read as JSON.parse reads it, wherever the list and the cursor stand, and is one line for each item", async () => {
    let lists = 0;
    const space = fc.constantFrom(0, 1, "\t", "\r\n ".slice(0, 1));
    await fc.assert(
      fc.asyncProperty(
        json,
        space,
        fc.constantFrom(...PATHS),
        fc.constantFrom(...PATHS),
        async (value, indent, items, cursor) => {
          const bytes = Buffer.from(JSON.stringify(value, null, indent));
          const parsed = JSON.parse(bytes.toString()) as unknown;
          const page = await readPage(bytes, { items, cursor });
          const list = atPointer(parsed, items);
          expect(page.isJson).toBe(true);
          expect(page.items === null).toBe(!Array.isArray(list));
          const found = atPointer(parsed, cursor);
          const asText = typeof found === "number" ? JSON.stringify(found) : typeof found === "string" ? found : "";
          expect(page.cursor).toBe(asText);
          if (!page.items) return;
          lists++;
          const lines = Buffer.concat([...linesOf(bytes, page.items, false)]).toString();
          expect(lines).toBe((list as unknown[]).map((item) => JSON.stringify(item)).join(",\n"));
        },
      ),
      { numRuns: 3000 },
    );
    expect(lists).toBeGreaterThan(100);
  });

  it("property: is JSON where JSON.parse says so", async () => {
    const pieces = fc.constantFrom(
      ...Array.from('{}[],:"\\01.eE-+ntu/ \n\t'),
      "true",
      "null",
      "false",
      '"a":',
      "\\u12aF",
      "\u0001",
      "1e5",
      "-0.5",
      "\u00a0",
    );
    let sound = 0;
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 8 }).map((all) => all.join("")),
      fc.tuple(json, fc.nat(), pieces, fc.nat(2)).map(([value, at, piece, gone]) => {
        const whole = JSON.stringify(value);
        const place = at % (whole.length + 1);
        return whole.slice(0, place) + piece + whole.slice(place + gone);
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        text.filter((each) => each.isWellFormed()),
        async (each) => {
          const { isJson } = await read(each, "");
          let expected = true;
          try {
            JSON.parse(each);
            sound++;
          } catch {
            expected = false;
          }
          expect(isJson).toBe(expected);
        },
      ),
      { numRuns: 5000 },
    );
    expect(sound).toBeGreaterThan(300);
  });

  it("keeps what is written as it is", async () => {
    const bytes = Buffer.from('{ "d": [ 1234567890123456789, 1.10 , [1e400, "\\u00e9 \\" [ "], {} ], "d2": 0 }');
    const { items } = await readPage(bytes, { items: "/d", cursor: null });
    expect(Buffer.concat([...linesOf(bytes, items ?? [], true)]).toString()).toBe(
      ',\n1234567890123456789,\n1.10,\n[1e400,"\\u00e9 \\" [ "],\n{}',
    );
  });

  it("that is too deep, or has too many items or too long a number, is refused, and others have their turn while it is read", async () => {
    await expect(read(`${"[".repeat(200_000)}${"]".repeat(200_000)}`, "")).rejects.toThrow(/more than 512 levels/);
    await expect(read(`[${"{},".repeat(100_000)}{}]`, "")).rejects.toThrow(/more than 100000 items/);
    await expect(read(`[${"1".repeat(5000)}]`, "")).rejects.toThrow(/a number of more than 4096 signs/);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await read(`[[${"{},".repeat(300_000)}{}]]`, "");
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
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
