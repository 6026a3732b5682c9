// A thousand people who do not exist, the same ones every time.

const FIRST = (
  "Ada Alan Barbara Betty Claude Dana Dennis Donald Dorothy Edith Edsger Frances Fred Grace Hedy Ida Jean Joan John " +
  "Karen Katherine Ken Konrad Leslie Lynn Margaret Mary Maurice Niklaus Peter Radia Robin Rosa Ruth Sophie Stephanie " +
  "Susan Tim Vera Wendy"
).split(" ");
const LAST = (
  "Aalto Berg Brandt Castro Costa Dahl Dubois Eriksen Fischer Garcia Hansen Ito Jansen Kim Larsen Moreau Novak Okafor " +
  "Petrov Quist Rossi Silva Tanaka Virtanen Weber"
).split(" ");
const STREETS = ["Station Road", "High Street", "Mill Lane", "Church Square", "Harbour Walk", "Garden Row", "Hill Top"];
const PLACES = [
  { city: "Oslo", postcode: "0150", country: "NO" },
  { city: "Helsinki", postcode: "00100", country: "FI" },
  { city: "Utrecht", postcode: "3511 AB", country: "NL" },
  { city: "Lyon", postcode: "69001", country: "FR" },
  { city: "Porto", postcode: "4000-001", country: "PT" },
  { city: "Kyoto", postcode: "600-8001", country: "JP" },
  { city: "Århus", postcode: "8000", country: "DK" },
  { city: "Bristol", postcode: "BS1 4ST", country: "GB" },
];
const CARDS = [
  { brand: "visa", start: "400000" },
  { brand: "mastercard", start: "510000" },
  { brand: "amex", start: "37000" },
];

/** A body as `POST /users` takes it, for each of them. */
export const PEOPLE = Array.from({ length: FIRST.length * LAST.length }, (_, index) => {
  const first = pick(FIRST, index);
  const last = pick(LAST, Math.floor(index / FIRST.length));
  const { brand, start } = pick(CARDS, index);
  return {
    name: `${first} ${last}`,
    email: `${first}.${last}@example.org`.toLowerCase(),
    address: { street: `${(index % 97) + 1} ${pick(STREETS, index)}`, ...pick(PLACES, index) },
    // One in five has no card.
    ...(index % 5 !== 4 && {
      card: {
        number: `${start}${String(index * 7919).padStart(10, "0")}`,
        brand,
        expires: `20${30 + (index % 7)}-${String((index % 12) + 1).padStart(2, "0")}`,
      },
    }),
  };
});

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} index
 */
function pick(list, index) {
  return /** @type {T} */ (list[index % list.length]);
}
