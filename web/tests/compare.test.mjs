import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { season } from "./samples.mjs";
import { drop, shot, signIn, startStage, view } from "./stage.mjs";
import { zip } from "./zip.mjs";

let stage;
let page;
before(async () => {
  stage = await startStage();
  page = await stage.newPage();
  await signIn(page);
});
after(() => stage.stop());

/** The rows that differ, a line each. */
const rows = () => page.locator(".difference").allInnerTexts();
const flat = (text) => text.replace(/\s+/g, " ");
const pair = (name) => page.getByRole("button", { name });

test("what was uploaded and not converted cannot be compared yet", async () => {
  for (const name of ["spring", "autumn"]) {
    await drop(page, [{ name: `${name}.xml`, bytes: season(name) }]);
    await page.getByRole("button", { name: `Remove ${name}.xml` }).waitFor();
  }
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("heading", { name: "No tables yet" }).waitFor();
});

test("two uploads are compared table by table, and a row of the answer leads to its table", async () => {
  await view(page, "Convert");
  await page
    .getByRole("radio", { name: "Related tables" })
    .or(page.getByRole("radio", { name: "Relational" }))
    .check();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with/ }).waitFor();
  await view(page, "Upload");
  await page.getByRole("link", { name: "Compare" }).click();
  // The older one is before the newer one.
  await page.getByLabel("Before", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Before", { exact: true }).inputValue(), "spring.xml");
  assert.equal(await page.getByLabel("After", { exact: true }).inputValue(), "autumn.xml");
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await pair(/^book 1 removed 1 added 1 changed/).click();
  await page.getByText("Rows are told apart by id, which was found to do so.").waitFor();
  assert.deepEqual((await rows()).map(flat), [
    "Changed id 2 row 2 → row 5 title Before: Good Omens After: Good Omens!",
    "Removed id 3 row 3 title Before: Dune",
    "Added id 4 row 4 title After: Ubik",
  ]);
  assert.equal(await page.locator(".difference mark").innerText(), "!");
  await shot(page, "60-compare");
  await page.getByRole("button", { name: "1 removed", exact: true }).click();
  await page.getByRole("button", { name: "1 added", exact: true }).click();
  assert.equal((await rows()).length, 1);
  await page.getByRole("link", { name: "row 5" }).click();
  await page.locator('[role=gridcell][data-active="true"]').waitFor();
  await page.goBack();
  // What was found is still there.
  await page.getByRole("heading", { name: "book" }).waitFor();
  assert.equal((await rows()).length, 3);
});

test("another key is chosen, and one that repeats is refused with its reason", async () => {
  await page.getByRole("button", { name: "Choose the key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("title").check();
  await shot(page, "61-compare-key");
  await dialog.getByRole("button", { name: "Compare" }).click();
  await page.getByText("Rows are told apart by title, as chosen.").waitFor();
  await page.getByRole("button", { name: "2 removed", exact: true }).waitFor();
  await page.reload();
  await page.getByText("Rows are told apart by title, as chosen.").waitFor();
  // As the service says it of a column that tells no rows apart.
  const problem = {
    title: "A parameter cannot be used",
    detail: "more than one row has 'Emma'",
    code: "invalid_parameter",
  };
  const isOfKey = (request) => request.postDataJSON().key !== undefined;
  await page.route("**/api/compare", (route) =>
    isOfKey(route.request()) ? route.fulfill({ status: 400, json: problem }) : route.continue(),
  );
  await page.getByRole("button", { name: "Choose the key" }).click();
  await dialog.getByLabel("id").check();
  await dialog.getByRole("button", { name: "Compare" }).click();
  await page.getByText("More than one row has 'Emma'").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await page.getByRole("button", { name: "Find the key again" }).click();
  await page.getByText("Rows are told apart by id, which was found to do so.").waitFor();
  await pair(/^library 1 changed/).click();
  await page.getByText("Each side has one row.").waitFor();
  await page.getByText("Ulm").waitFor();
});

test("two tables are compared, unless they have nothing in common", async () => {
  for (const name of ["spring", "autumn"]) {
    const bytes = zip([{ name: `${name}/library.xml`, bytes: season(name) }]);
    await view(page, "Upload");
    await drop(page, [{ name: `${name}.zip`, bytes }]);
    await page.getByRole("button", { name: `Remove ${name}.zip` }).waitFor();
  }
  // What was uploaded since is in no table yet.
  await compare("Uploads", "spring.zip", "autumn.zip");
  await page.getByText(/^The last conversion has nothing of/).waitFor();
  await page.getByRole("alert").getByRole("link", { name: "Go to convert" }).click();
  await page.getByRole("radio", { name: "Relational" }).check();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with .* from 4 documents/ }).waitFor();
  await view(page, "Tables");
  await compare("Tables", "SPRING.book", "AUTUMN.book");
  await page.getByRole("heading", { name: "SPRING.book → AUTUMN.book" }).waitFor();
  assert.equal(await page.locator(".difference").count(), 3);
  await page.getByRole("button", { name: "Swap the sides" }).click();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByRole("heading", { name: "AUTUMN.book → SPRING.book" }).waitFor();
  await compare("Tables", "SPRING.book", "SPRING.author");
  await page.getByText("'SPRING.book' and 'SPRING.author' have no column in common").waitFor();
});

async function compare(kind, before, after) {
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Tables" }).click();
  await page.getByRole("navigation", { name: "Tables" }).getByRole("link", { name: "Compare" }).click();
  await page.getByLabel("Compare", { exact: true }).selectOption({ label: kind });
  await page.getByLabel("Before", { exact: true }).selectOption(before);
  await page.getByLabel("After", { exact: true }).selectOption(after);
  await page.getByRole("button", { name: "Compare", exact: true }).click();
}

test("of many rows that differ the first are told, and more of them on demand", async () => {
  const answer = (limit) => {
    const rows = Array.from({ length: Math.min(limit, 1000) }, (_, at) => ({
      change: "added",
      key: { id: at + 1 },
      left_row: null,
      right_row: at + 1,
      cells: [{ column: "note", left: null, right: "x".repeat(1000) }],
    }));
    const counts = { removed: 0, added: 4321, changed: 0, unchanged: 5 };
    const columns = { columns_only_left: ["colour"], columns_only_right: ["weight", "size"] };
    const pair = { left: "SPRING.book", right: "AUTUMN.book", matched_by: "found", key: ["id"], truncated: true };
    return { tables: [{ ...pair, ...counts, ...columns, rows }], elapsed_ms: 1 };
  };
  await page.route("**/api/compare", (route) => route.fulfill({ json: answer(route.request().postDataJSON().limit) }));
  await compare("Tables", "SPRING.book", "AUTUMN.book");
  await page.getByText("The first 100 of 4,321 rows that differ are told").waitFor();
  await page.getByText("Columns that are only before, and not compared: colour").waitFor();
  await page.getByText("Columns that are only after, and not compared: weight, size").waitFor();
  await page.getByRole("button", { name: "Tell up to 1,000 rows" }).click();
  await page.getByText("The first 1,000 of 4,321 rows that differ are told").waitFor();
  assert.equal(await page.locator(".difference").count(), 100);
  await page.getByRole("button", { name: "Show more" }).click();
  assert.equal(await page.locator(".difference").count(), 200);
  await shot(page, "62-compare-many");
  await page.unrouteAll({ behavior: "wait" });
});

test("a comparison is cancelled, also at the service", async () => {
  await page.route("**/api/compare", () => {});
  await compare("Tables", "AUTUMN.book", "SPRING.book");
  const failed = page.waitForEvent("requestfailed");
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.match((await failed).url(), /\/api\/compare$/);
  await page.getByText("Comparing…").waitFor({ state: "detached" });
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.getByRole("heading", { name: "AUTUMN.book → SPRING.book" }).waitFor();
});

test("tables that have rows of an upload that is gone say so until they are made again", async () => {
  await view(page, "Upload");
  await page.getByRole("button", { name: "Remove spring.zip" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove spring.zip" }).waitFor({ state: "detached" });
  await view(page, "Tables");
  const note = page.getByRole("status").filter({ hasText: "Convert again" });
  await note.getByText("rows of 1 upload removed or replaced since: spring.zip.").waitFor();
  await note.getByRole("link", { name: "Go to convert" }).click();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with .* from 3 documents/ }).waitFor();
  await view(page, "Tables");
  await page.getByRole("heading", { name: "AUTUMN.book" }).or(page.getByRole("grid")).first().waitFor();
  assert.equal(await note.count(), 0);
});

test("two of very many documents are found by parts of their names, and compared", async () => {
  const other = await stage.newPage();
  await signIn(other);
  const entries = Array.from({ length: 2100 }, (_, at) => ({
    name: `many/letter-${String(at).padStart(4, "0")}.xml`,
    bytes: `<letter><to>${at === 1234 ? "Mary" : "Jane"}</to></letter>`,
  }));
  await drop(other, [{ name: "letters.zip", bytes: zip(entries) }]);
  await other.getByText("2,100 documents found").waitFor();
  await view(other, "Convert");
  await other.getByRole("button", { name: "Convert", exact: true }).click();
  await other.getByRole("heading", { name: /from 2,100 documents/ }).waitFor();
  await view(other, "Tables");
  await other.getByRole("navigation", { name: "Tables" }).getByRole("link", { name: "Compare" }).click();
  await other.getByLabel("Compare", { exact: true }).selectOption({ label: "Documents" });
  const [before, after] = [other.getByLabel("Before", { exact: true }), other.getByLabel("After", { exact: true })];
  const offered = (field) => field.evaluate((input) => [...input.list.options].map(({ value }) => value));
  const button = other.getByRole("button", { name: "Compare", exact: true });
  // The last two, until others are chosen.
  assert.equal(await before.inputValue(), "letters.zip/many/letter-2098.xml");
  assert.ok(await button.isEnabled());
  await before.fill("LETTER-123");
  assert.ok(await button.isDisabled(), "a part of a name is no document");
  const found = Array.from({ length: 10 }, (_, at) => `letters.zip/many/letter-123${at}.xml`);
  assert.deepEqual(await offered(before), found);
  await before.fill("letter");
  assert.equal((await offered(before)).length, 50);
  await before.fill(found[4]);
  await after.fill(found[5]);
  await shot(other, "65-compare-many-documents");
  await button.click();
  await other.locator(".difference", { hasText: "Mary" }).first().waitFor();
  assert.match(await other.locator(".difference").first().innerText(), /Mary[\s\S]*Jane/);
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
