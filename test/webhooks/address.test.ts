import fc from "fast-check";
import { isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { isPublic } from "../../src/webhooks/address.ts";
import { guard } from "../../src/webhooks/guard.ts";
import { isHost } from "../../src/webhooks/host.ts";

/** IANA's registry again, as numbers, so that a slip in one of the two tables shows. */
const SPECIAL: readonly (readonly [from: number, to: number])[] = [
  [0x00_00_00_00, 0x00_ff_ff_ff],
  [0x0a_00_00_00, 0x0a_ff_ff_ff],
  [0x64_40_00_00, 0x64_7f_ff_ff],
  [0x7f_00_00_00, 0x7f_ff_ff_ff],
  [0xa8_3f_81_10, 0xa8_3f_81_10],
  [0xa9_fe_00_00, 0xa9_fe_ff_ff],
  [0xac_10_00_00, 0xac_1f_ff_ff],
  [0xc0_00_00_00, 0xc0_00_00_ff],
  [0xc0_00_02_00, 0xc0_00_02_ff],
  [0xc0_58_63_00, 0xc0_58_63_ff],
  [0xc0_a8_00_00, 0xc0_a8_ff_ff],
  [0xc6_12_00_00, 0xc6_13_ff_ff],
  [0xc6_33_64_00, 0xc6_33_64_ff],
  [0xcb_00_71_00, 0xcb_00_71_ff],
  [0xe0_00_00_00, 0xff_ff_ff_ff],
];

function isSpecial(number: number): boolean {
  return SPECIAL.some(([from, to]) => from <= number && number <= to);
}

const bytesOf = (number: number): number[] => [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff);
const dotted = (number: number): string => bytesOf(number).join(".");
const hex = (number: number): string => number.toString(16);

/** Any address, those at the edges of ranges more often. */
const anyIpv4 = fc.oneof(
  fc.nat({ max: 0xff_ff_ff_ff }),
  fc
    .constantFrom(...SPECIAL.flat())
    .chain((edge) => fc.integer({ min: Math.max(0, edge - 2), max: Math.min(0xff_ff_ff_ff, edge + 2) })),
);

/** How the parts of an address may be written: decimal, octal, hexadecimal, some of them in one. */
const spelling = fc.record({
  parts: fc.integer({ min: 1, max: 4 }),
  bases: fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
  end: fc.constantFrom("", "."),
});

function spell(number: number, { parts, bases, end }: { parts: number; bases: number[]; end: string }): string {
  const bytes = bytesOf(number);
  const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
  const words = [...bytes.slice(0, parts - 1), last].map((part, index) => {
    const base = bases[index] ?? 10;
    return `${base === 8 ? "0" : base === 16 ? "0x" : ""}${part.toString(base)}`;
  });
  return words.join(".") + end;
}

function isGuarded(url: string): boolean {
  try {
    guard(new URL(url), [], () => undefined);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ kind: "forbidden" });
    return true;
  }
}

describe("an address", () => {
  it("is public by the registry, however IPv4 is written in it", () => {
    fc.assert(
      fc.property(anyIpv4, spelling, (number, how) => {
        const address = dotted(number);
        expect(isPublic(address)).toBe(!isSpecial(number));
        expect(isGuarded(`http://${spell(number, how)}:8080/`)).toBe(isSpecial(number));
      }),
      { numRuns: 2000 },
    );
  });

  it("hides no IPv4 address inside an IPv6 one", () => {
    fc.assert(
      fc.property(
        anyIpv4,
        fc.constantFrom("::ffff:", "0:0:0:0:0:FFFF:", "64:ff9b::"),
        fc.boolean(),
        (number, prefix, isDotted) => {
          const tail = isDotted ? dotted(number) : `${hex(number >>> 16)}:${hex(number & 0xffff)}`;
          const address = `${prefix}${tail}`;
          expect(isIP(address)).toBe(6);
          expect(isPublic(address)).toBe(!isSpecial(number));
          expect(isGuarded(`https://[${address}]/`)).toBe(isSpecial(number));
          // Compatible, 6to4, Teredo, local NAT64: nobody on the internet has such an address.
          for (const other of [
            `::${tail}`,
            `2002:${hex(number >>> 16)}:${hex(number & 0xffff)}::1`,
            `64:ff9b:1::${tail}`,
            `2001::${tail}`,
          ])
            expect([other, isPublic(other)]).toEqual([other, false]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("of IPv6 is public where IPv6 gave it out", () => {
    for (const address of ["2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888", "2400:cb00::1"])
      expect([address, isPublic(address)]).toEqual([address, true]);
    for (const address of [
      "::",
      "::1",
      "fe80::1",
      "fe80::1%eth0",
      "2606:4700:4700::1111%eth0",
      "fec0::1",
      "fc00::1",
      "fd00:ec2::254",
      "ff02::1",
      "100::1",
      "2001:db8::1",
      "3fff:fff::1",
      "4000::1",
      "5f00::1",
    ])
      expect([address, isPublic(address)]).toEqual([address, false]);
  });

  it("is one of the internet only when it is an address", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("", "localhost", "127.1", "1.2.3", "8.8.8.8 ", "::g")),
        (text) => {
          fc.pre(isIP(text) === 0);
          expect(isPublic(text)).toBe(false);
        },
      ),
    );
  });
});

describe("an entry of `allow_private` and `hosts`", () => {
  it("names a host in any spelling of its own, and no other host", () => {
    const cases: readonly (readonly [entry: string, url: string, is: boolean])[] = [
      ["localhost", "http://localhost/", true],
      ["LocalHost", "http://localhost.:90/", true],
      ["localhost", "http://127.0.0.1/", false],
      ["127.0.0.1", "http://0x7f.1/", true],
      ["2130706433", "http://127.0.0.1/", true],
      ["127.0.0.1", "http://[::ffff:127.0.0.1]/", false],
      ["::1", "http://[0:0::1]:8080/", true],
      ["[::1]", "http://[::1]/", true],
      ["[::1]:80", "http://[::1]/", true],
      ["[::1]:80", "http://[::1]:81/", false],
      ["a.example:8443", "https://a.example:8443/", true],
      ["a.example:8443", "https://a.example/", false],
      ["a.example:443", "https://a.example/", true],
      ["a.example:80", "https://a.example/", false],
      ["a.example", "https://b.a.example/", false],
      ["bücher.example", "https://xn--bcher-kva.example/", true],
      ["*", "https://a.example/", false],
      ["*.example", "https://a.example/", false],
      ["", "https://a.example/", false],
      ["a.example/x", "https://a.example/", false],
      ["user@a.example", "https://a.example/", false],
      ["https://a.example", "https://a.example/", false],
    ];
    for (const [entry, url, is] of cases) expect([entry, url, isHost(entry, new URL(url))]).toEqual([entry, url, is]);
  });
});
