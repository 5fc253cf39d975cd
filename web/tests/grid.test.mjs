import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { drop, shot, signIn, startStage, view } from "./stage.mjs";

const ROWS = 5000;
/** What is not plain for a clipboard: a tab, quotes, and a line break. */
const NOTES = ["plain", "with &#9; tab", 'said "so"', "two\nlines"];

function parcels(count) {
  const rows = Array.from({ length: count }, (_, at) => {
    const day = String((at % 27) + 1).padStart(2, "0");
    return `<parcel><pieces>${at + 1}</pieces><weight>${(at * 1.25).toFixed(2)}</weight><fragile>${at % 2 === 0}</fragile><sent>2026-03-${day}</sent><seen>2026-03-${day}T08:30:00Z</seen><due>17:45:00</due><note>${NOTES[at % NOTES.length]}</note></parcel>`;
  });
  return `<parcels>${rows.join("")}</parcels>`;
}

let stage;
let page;
before(async () => {
  stage = await startStage({ settings: { RATE_LIMIT_PER_MINUTE: "10000" } });
  page = await stage.newPage({ viewport: { width: 1600, height: 900 } });
  await signIn(page);
  await drop(page, [{ name: "parcels.xml", bytes: parcels(ROWS) }]);
  await page.getByText("1 document found").waitFor();
  await view(page, "Convert");
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("link", { name: "Open the tables" }).click();
  await page.getByRole("gridcell", { name: "plain" }).first().waitFor();
});
after(() => stage.stop());

const press = (key) => page.keyboard.press(key);
const copied = () => page.evaluate(() => navigator.clipboard.readText());
const clear = () => page.evaluate(() => navigator.clipboard.writeText("nothing yet"));
/** Puts what was said away, so that the next of it is told apart. */
async function dismiss() {
  await page.locator(".notice").getByRole("button", { name: "Close" }).click();
  await page.locator(".notice").waitFor({ state: "detached" });
}
/** The cell of a row and a column, both from 1 on. */
const cell = (row, column) =>
  page.locator(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column}"]`);

/** Where the text of a column stands, in its head and in its first row: how far from the left and from the right edge. */
function places() {
  return page.evaluate(() => {
    const distances = (box) => {
      const range = document.createRange();
      const words = document.createTreeWalker(box, NodeFilter.SHOW_TEXT, (node) =>
        node.parentElement.closest(".unseen") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
      );
      range.selectNodeContents(words.nextNode());
      const [text, around] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
      return { left: text.left - around.left, right: around.right - text.right };
    };
    return [...document.querySelectorAll("[role=columnheader]")].map((head) => {
      const at = head.getAttribute("aria-colindex");
      const first = document.querySelector(`[role=row][aria-rowindex="2"] [role=gridcell][aria-colindex="${at}"]`);
      return {
        name: head.querySelector(".truncate").textContent,
        type: head.querySelector(".type .unseen").textContent,
        icon: head.querySelectorAll(".type svg").length,
        head: distances(head),
        cell: distances(first),
      };
    });
  });
}

test("each column says what its values are, to eyes and to screen readers", async () => {
  const types = {
    pieces: "Whole number",
    weight: "Decimal number",
    fragile: "True or false",
    sent: "Date",
    seen: "Date and time",
    due: "Time of day",
    note: "Text",
  };
  const found = await places();
  assert.deepEqual(Object.fromEntries(found.map(({ name, type }) => [name, type.replace(/: $/, "")])), types);
  assert.ok(
    found.every(({ icon }) => icon === 1),
    "a column has no sign of its type",
  );
  for (const [name, type] of Object.entries(types)) {
    await page.getByRole("columnheader", { name: `${type}: ${name}` }).waitFor();
    await page
      .getByRole("columnheader", { name: `${type}: ${name}` })
      .getByTitle(type, { exact: true })
      .waitFor();
  }
  await shot(page, "70-types");
});

test("numbers stand at the right with their heads, and all else at the left", async () => {
  for (const { name, head, cell } of await places()) {
    const side = ["pieces", "weight"].includes(name) ? "right" : "left";
    const other = side === "right" ? "left" : "right";
    assert.ok(cell[side] < 16, `${name} stands ${cell[side]} from the ${side}`);
    assert.ok(cell[side] <= cell[other], `${name} does not stand at the ${side}`);
    // The head has its sign before its name, and room for the arrow of the order behind it.
    assert.ok(head[side] < 48, `the head of ${name} stands ${head[side]} from the ${side}`);
  }
  const style = await cell(1, 1).evaluate((element) => getComputedStyle(element).fontVariantNumeric);
  assert.equal(style, "tabular-nums");
});

test("a cell is copied by its button, whole", async () => {
  await clear();
  await cell(3, 7).click();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  await dismiss();
  assert.equal(await copied(), '"said ""so"""');
});

test("rows are copied as a spreadsheet takes them", async () => {
  await cell(1, 1).click();
  await press("Shift+End");
  for (let row = 2; row <= 4; row += 1) await press("Shift+ArrowDown");
  await page.getByText("4 rows × 7 columns selected").waitFor();
  await press("Control+c");
  assert.equal(
    await copied(),
    [
      "1\t0\ttrue\t2026-03-01\t2026-03-01T08:30:00Z\t17:45:00\tplain",
      '2\t1.25\tfalse\t2026-03-02\t2026-03-02T08:30:00Z\t17:45:00\t"with \t tab"',
      '3\t2.5\ttrue\t2026-03-03\t2026-03-03T08:30:00Z\t17:45:00\t"said ""so"""',
      '4\t3.75\tfalse\t2026-03-04\t2026-03-04T08:30:00Z\t17:45:00\t"two\nlines"',
    ].join("\n"),
  );
});

test("rows that are not in sight are copied with the others", async () => {
  for (const copy of [
    () => press("Control+c"),
    () => page.getByRole("button", { name: "Copy", exact: true }).click(),
  ]) {
    await clear();
    await cell(1, 1).click();
    await press("Control+Shift+ArrowDown");
    await page.getByText("5,000 rows × 1 column selected").waitFor();
    await copy();
    await page.getByText("Copied", { exact: true }).waitFor();
    const expected = Array.from({ length: ROWS }, (_, at) => String(at + 1));
    assert.deepEqual((await copied()).split("\n"), expected);
    await dismiss();
    await page.getByRole("grid").focus();
    await press("Control+Home");
    await cell(1, 1).waitFor();
  }
});

test("what a statement gives is copied too", async () => {
  await page.evaluate(() => {
    location.hash = `#/tables?sql=${encodeURIComponent("select pieces, note from parcel order by pieces limit 3")}`;
  });
  await page.getByRole("grid", { name: "Results" }).waitFor();
  await page.getByRole("columnheader", { name: "Whole number: pieces" }).waitFor();
  await cell(1, 1).click();
  await press("Control+Shift+End");
  await press("Control+c");
  assert.equal(await copied(), '1\tplain\n2\t"with \t tab"\n3\t"said ""so"""');
});

test("what is exported is the result that is shown, whatever is written since", async () => {
  await page.getByLabel("SQL statement").fill("select note from parcel limit 1");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const text = await readFile(await (await waiting).path(), "utf8");
  assert.deepEqual(text.trim().split(/\r?\n/).slice(0, 2), ["pieces,note", "1,plain"]);
});

test("whole numbers are shown and copied to their last digit", async () => {
  // Beyond 2^53 a number of the browser's own language is rounded.
  const numbers = ["9007199254740993", "-9007199254740995", "7"];
  await view(page, "Upload");
  const rows = numbers.map((number) => `<entry><number>${number}</number></entry>`);
  await drop(page, [{ name: "large.xml", bytes: `<ledger>${rows.join("")}</ledger>` }]);
  await page.getByRole("button", { name: "Remove large.xml" }).waitFor();
  await view(page, "Convert");
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /from 2 documents/ }).waitFor();
  for (const address of [
    "#/tables/entry",
    `#/tables?sql=${encodeURIComponent("select number from entry order by rowid")}`,
  ]) {
    await page.evaluate((address) => {
      location.hash = address;
    }, address);
    await page.getByRole("gridcell", { name: numbers[1], exact: true }).waitFor();
    await cell(1, 1).click();
    await press("Control+Shift+End");
    await press("Control+c");
    assert.deepEqual((await copied()).split("\n"), numbers);
  }
});

test("what may not be copied is said", async () => {
  const other = await stage.newPage({ permissions: [] });
  await signIn(other);
  await drop(other, [{ name: "parcels.xml", bytes: parcels(3) }]);
  await other.getByText("1 document found").waitFor();
  await view(other, "Convert");
  await other.getByRole("button", { name: "Convert", exact: true }).click();
  await other.getByRole("link", { name: "Open the tables" }).click();
  await other.getByRole("gridcell", { name: "plain" }).click();
  // As in a page that came over a connection that is not secure.
  await other.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await other.getByRole("button", { name: "Copy", exact: true }).click();
  await other.getByText("It could not be copied").waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
