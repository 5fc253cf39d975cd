import { zip } from "./zip.mjs";

const AUTHORS = ["Jane Austen", "Mary Shelley", "George Eliot", "Thomas Hardy", "Emily Brontë"];
const CITIES = ["London", "Oslo", "Turin", "Graz", "Porto"];

/** A document of orders with lines: two tables. */
export function orders(count, first = 1) {
  const parts = ["<orders>"];
  for (let at = first; at < first + count; at += 1) {
    const lines = Array.from({ length: (at % 3) + 1 }, (_, line) => {
      const quantity = ((at * 7 + line) % 9) + 1;
      return `<line sku="A-${(at * 13 + line) % 97}"><quantity>${quantity}</quantity><price>${(quantity * 3.25).toFixed(2)}</price></line>`;
    });
    const day = String((at % 27) + 1).padStart(2, "0");
    parts.push(
      `<order id="${at}"><date>2026-03-${day}</date><customer>${AUTHORS[at % 5]}</customer><city>${CITIES[(at * 3) % 5]}</city>${lines.join("")}</order>`,
    );
  }
  return `${parts.join("\n")}\n</orders>\n`;
}

/** A flat document of books. */
export function library(count) {
  const books = Array.from(
    { length: count },
    (_, at) =>
      `<book><title>Volume ${at + 1}</title><author>${AUTHORS[at % 5]}</author><year>${1800 + (at % 120)}</year></book>`,
  );
  return `<library>${books.join("\n")}</library>`;
}

const BOOKS = {
  spring: [
    ["1", "Emma", ["Jane Austen"]],
    ["2", "Good Omens", ["Terry Pratchett", "Neil Gaiman"]],
    ["3", "Dune", ["Frank Herbert"]],
  ],
  autumn: [
    ["4", "Ubik", ["Philip K. Dick"]],
    ["2", "Good Omens!", ["Terry Pratchett"]],
    ["1", "Emma", ["Jane Austen"]],
  ],
};

/** A small library at one of two times: one book is gone, one is new, and one is called otherwise. */
export function season(name) {
  const books = BOOKS[name].map(
    ([id, title, authors]) =>
      `<book id="${id}"><title>${title}</title>${authors.map((one) => `<author>${one}</author>`).join("")}</book>`,
  );
  return `<library city="${name === "spring" ? "Ulm" : "Bonn"}">${books.join("\n")}</library>`;
}

export const BROKEN = '<orders>\n  <order id="1">\n    <date>2026-03-01</dat>\n  </order>\n</orders>\n';

/** An archive within an archive, with a broken document and a file that is none. */
export function nestedArchive() {
  const inner = zip([
    { name: "march/a.xml", bytes: orders(120) },
    { name: "march/b.xml", bytes: orders(80, 121) },
    { name: "march/broken.xml", bytes: BROKEN },
  ]);
  return zip([
    { name: "books/library.xml", bytes: library(300) },
    { name: "inner.zip", bytes: inner },
    { name: "notes.txt", bytes: "nothing to convert" },
  ]);
}
