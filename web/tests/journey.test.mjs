import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { nestedArchive } from "./samples.mjs";
import { drop, shot, signIn, signOut, startStage, view } from "./stage.mjs";

let stage;
let page;
before(async () => {
  stage = await startStage();
  page = await stage.newPage();
});
after(() => stage.stop());

test("a wrong password is said to be one", async () => {
  await signIn(page, "not-the-password");
  await page.getByRole("alert").getByText("Wrong username or password").waitFor();
  await shot(page, "01-wrong-password");
});

test("one signs in and sees that nothing is there yet", async () => {
  await signIn(page);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await shot(page, "02-upload-empty");
});

test("an archive of archives is taken apart, and what is wrong in it is said", async () => {
  await drop(page, [{ name: "deposit.zip", bytes: nestedArchive() }]);
  await page.getByText("3 documents found").waitFor();
  await page.getByText("2 entries left out").waitFor();
  await page.getByRole("button", { name: "Show the place" }).first().click();
  await page.locator(".excerpt .at").filter({ hasText: "</dat>" }).waitFor();
  await shot(page, "03-uploaded");
  assert.equal(await page.locator(".group-head").count(), 2);
});

test("the preview shows the tables and follows the choice of a record", async () => {
  await view(page, "Convert");
  await page.getByLabel("Group in the preview").selectOption("MARCH");
  await page.locator(".node", { hasText: "order" }).first().waitFor();
  await shot(page, "04-convert");
  await page.locator(".records code", { hasText: "/orders/order/line" }).first().click();
  await page.locator(".sample-head code", { hasText: "/orders/order/line" }).first().waitFor();
  await shot(page, "05-other-record");
  await page.getByLabel("As detected").check();
});

test("a conversion runs to its end", async () => {
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("heading", { name: /tables with .* rows from 3 documents/ }).waitFor();
  await shot(page, "06-converted");
});

test("a table is sorted and filtered by the service", async () => {
  await page.getByRole("link", { name: "Open the tables" }).click();
  await page
    .getByRole("navigation", { name: "Tables" })
    .getByRole("link", { name: /^order/ })
    .click();
  await page.getByRole("gridcell", { name: "Mary Shelley" }).first().waitFor();
  await shot(page, "07-table");
  await page.getByRole("columnheader", { name: /city/ }).getByRole("button").click();
  await page.locator('[role=columnheader][aria-sort="ascending"]', { hasText: "city" }).waitFor();
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByLabel("Column").selectOption("customer");
  await page.getByLabel("Value").fill("Austen");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("40 of 200 rows").waitFor();
  await shot(page, "08-filtered");
});

test("cells are copied as a spreadsheet takes them", async () => {
  const grid = page.getByRole("grid");
  await page.getByRole("gridcell").first().click();
  await grid.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied.split("\n").length, 2);
  assert.equal(copied.split("\n")[0].split("\t").length, 2);
});

test("SQL completes names, runs, and is exported", async () => {
  await page.getByRole("navigation", { name: "Tables" }).getByRole("link", { name: "SQL" }).click();
  const editor = page.getByLabel("SQL statement");
  await editor.fill("select city, count(*) as orders from order_");
  await editor.fill('select city, count(*) as orders from "order" group by ci');
  await editor.press("Control+ ");
  await page.getByRole("option", { name: /^city/ }).waitFor();
  await shot(page, "09-sql-completion");
  await editor.press("Enter");
  assert.match(await editor.inputValue(), /group by city$/);
  await editor.press("Control+Enter");
  await page.getByRole("gridcell", { name: "Oslo" }).waitFor();
  await shot(page, "10-sql-result");
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  assert.equal((await waiting).suggestedFilename(), "result.csv");
});

test("signing out says what was removed, in every tab", async () => {
  const other = await page.context().newPage();
  await other.goto(stage.origin);
  await other.getByRole("heading", { name: "Upload" }).waitFor();
  await signOut(page);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  const removed = (what) => page.locator(".tally div", { hasText: what }).locator("dd").innerText();
  assert.ok(Number(await removed("files removed")) > 3);
  assert.match(await removed("of data removed"), /^[\d.]+ [kM]B$/);
  await other.getByRole("heading", { name: "You signed out in another tab" }).waitFor();
  await shot(page, "90-signed-out");
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
