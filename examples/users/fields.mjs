// What a user consists of, and how a body changes one.

/** @typedef {{ readonly street: string, readonly city: string, readonly postcode: string, readonly country: string }} Address */
/** @typedef {{ readonly number: string, readonly brand: string, readonly expires: string }} Card */
/** @typedef {{ readonly name: string, readonly email: string, readonly address?: Address, readonly card?: Card }} Person */

/** @typedef {{ readonly fits: RegExp, readonly means: string, readonly keep?: (text: string) => string }} Field */
/** @typedef {{ readonly fields: { readonly [name: string]: Field | Group } }} Group */
/** @typedef {{ readonly [name: string]: string | Values | undefined }} Values */
/** @typedef {{ readonly after: string | Values | undefined, readonly problems: readonly string[] }} Change */

const address = {
  fields: {
    street: line(200),
    city: line(100),
    postcode: line(20),
    country: { fits: /^[A-Z]{2}$/, means: "the two letters of a country (ISO 3166-1), such as NO" },
  },
};

const card = {
  fields: {
    // Only the end of the number is kept: what is not there cannot leak.
    number: { fits: /^\d{12,19}$/, means: "the 12 to 19 digits of a card", keep: masked },
    brand: { fits: /^(?:visa|mastercard|amex)$/, means: "visa, mastercard or amex" },
    expires: { fits: /^20\d\d-(?:0[1-9]|1[0-2])$/, means: "a month, such as 2030-01" },
  },
};

/** @type {Group} */
const USER = {
  fields: {
    name: line(100),
    email: { fits: /^[^\s@]{1,64}@[^\s@]{1,190}$/, means: "an email address" },
    address,
    card,
  },
};

/**
 * What somebody is after a JSON Merge Patch (RFC 7396): what is named is set, in nested objects too, and `null` removes. Every
 * field of an object must be there; an object in it need not. Where there are problems, the person is not to be used.
 *
 * @param {Partial<Person>} before
 * @param {unknown} patch
 */
export function change(before, patch) {
  const { after, problems } = inGroup(USER, before, patch, "");
  return { after: /** @type {Person} */ (after), problems };
}

/**
 * @param {Group} group
 * @param {Values} before
 * @param {unknown} patch
 * @param {string} at where it stands: empty, or a path that ends in a dot
 * @returns {Change}
 */
function inGroup({ fields }, before, patch, at) {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch))
    return { after: before, problems: [`${at === "" ? "the body" : at.slice(0, -1)} must be a JSON object`] };
  /** @type {ReadonlyMap<string, unknown>} */
  const given = new Map(Object.entries(patch));
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(fields, name));
  const changes = Object.entries(fields).map(([name, field]) => ({
    name,
    change: become(field, before[name], given.get(name), `${at}${name}`),
  }));
  return {
    after: Object.fromEntries(
      changes.flatMap(({ name, change: { after } }) => (after === undefined ? [] : [[name, after]])),
    ),
    problems: [
      ...unknown.map((name) => `${at}${name} is not a field; there are ${Object.keys(fields).join(", ")}`),
      ...changes.flatMap(({ change: { problems } }) => problems),
    ],
  };
}

/**
 * @param {Field | Group} field
 * @param {Values[string]} before
 * @param {unknown} value undefined: none was given
 * @param {string} path
 * @returns {Change}
 */
function become(field, before, value, path) {
  if (value === undefined && (before !== undefined || "fields" in field)) return { after: before, problems: [] };
  if ("fields" in field)
    return value === null
      ? { after: undefined, problems: [] }
      : inGroup(field, typeof before === "object" ? before : {}, value, `${path}.`);
  const { fits, means, keep } = field;
  if (value === undefined || value === null) return { after: undefined, problems: [`${path} is missing: ${means}`] };
  if (typeof value !== "string" || !fits.test(value)) return { after: before, problems: [`${path} must be ${means}`] };
  return { after: keep?.(value) ?? value, problems: [] };
}

/**
 * A text of one line that does not consist of white space alone.
 *
 * @param {number} most
 * @returns {Field}
 */
function line(most) {
  return { fits: new RegExp(`^(?=.*\\S)\\P{Cc}{1,${most}}$`, "u"), means: `a text of 1 to ${most} characters` };
}

/** @param {string} digits */
function masked(digits) {
  return digits.slice(-4).padStart(digits.length, "*");
}
