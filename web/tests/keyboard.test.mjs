import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { nestedArchive } from "./samples.mjs";
import { PASSWORD, shot, startStage } from "./stage.mjs";

// The whole job as somebody does it who has no mouse: keys only, and the system's own dialog for files.

let model;
let stage;
let page;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: model.settings });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  await model.stop();
});

const press = (key) => page.keyboard.press(key);

/** Says what has the focus: its label or its text. */
function focused() {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels = [...(element?.labels ?? [])].map((label) => label.textContent);
    return (element?.getAttribute("aria-label") ?? (labels.join(" ") || element?.textContent) ?? "").trim();
  });
}

/** Goes on with the Tab key until something of that name has the focus; it must be seen to have it. */
async function tabTo(name, key = "Tab") {
  const passed = [];
  for (let steps = 0; steps < 80; steps += 1) {
    await press(key);
    const here = await focused();
    if (name.test(here)) {
      const outline = await page.evaluate(() => {
        const shown = document.activeElement?.closest("label, .sql-layers, .composer-box") ?? document.activeElement;
        const outlines = [shown, document.activeElement, document.activeElement?.nextElementSibling]
          .filter((element) => element instanceof Element)
          .map((element) => getComputedStyle(element))
          .map((style) => (style.outlineStyle !== "none" || style.boxShadow !== "none" ? 1 : 0));
        return outlines.some(Boolean);
      });
      assert.ok(outline, `${here} has the focus, and nobody sees it`);
      return;
    }
    passed.push(here);
  }
  assert.fail(`${name} was not reached: ${passed.join(" · ")}`);
}

test("one signs in and chooses a file", async () => {
  // Told to the browser in time.
  const asked = page.waitForEvent("filechooser");
  await tabTo(/^Username/);
  await page.keyboard.type("admin");
  await tabTo(/^Password/);
  await page.keyboard.type(PASSWORD);
  await press("Enter");
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await tabTo(/^Choose files/);
  await press("Enter");
  const archive = { name: "deposit.zip", mimeType: "application/zip", buffer: Buffer.from(nestedArchive()) };
  await (await asked).setFiles(archive);
  await page.getByText("3 documents found").waitFor();
});

test("one chooses the layout and the record, and converts", async () => {
  await tabTo(/^Choose how to convert/, "Shift+Tab");
  await press("Enter");
  await page.locator(".sample-rows td").first().waitFor();
  await tabTo(/^Automatic/);
  await press("ArrowRight");
  await press("ArrowRight");
  assert.equal(await focused(), "Relational");
  await tabTo(/^As detected/);
  await press("ArrowDown");
  assert.match(await focused(), /^\/orders\/order\/line/);
  await press("ArrowUp");
  assert.match(await focused(), /^As detected/);
  await tabTo(/^Convert$/, "Shift+Tab");
  await press("Enter");
  await page.getByRole("heading", { name: /tables with .* rows from 3 documents/ }).waitFor();
  await tabTo(/^Open the tables/);
  await press("Enter");
  await page.getByRole("gridcell").first().waitFor();
});

test("one opens a table, sorts and filters it", async () => {
  await tabTo(/^order/);
  await press("Enter");
  await page.getByRole("heading", { name: "order", exact: true }).waitFor();
  await page.getByRole("gridcell", { name: "Mary Shelley" }).first().waitFor();
  await tabTo(/^Rows of order/);
  await press("End");
  await press("Enter");
  const sorted = (direction) => page.locator(`[role=columnheader][aria-sort="${direction}"]`, { hasText: "city" });
  await sorted("ascending").waitFor();
  await press("Enter");
  await sorted("descending").waitFor();
  await page.locator('[role=gridcell][data-active="true"]', { hasText: "Turin" }).waitFor();
  await shot(page, "50-sorted-by-keyboard");
  await tabTo(/^Filter$/, "Shift+Tab");
  await press("Enter");
  assert.equal(await focused(), "Value");
  await tabTo(/^Column/, "Shift+Tab");
  await page.keyboard.type("customer");
  await tabTo(/^Value/);
  await page.keyboard.type("Austen");
  await press("Enter");
  await page.getByText("40 of 200 rows").waitFor();
  assert.equal(await focused(), "Filter");
  await tabTo(/^Remove the filter/, "Shift+Tab");
  await press("Enter");
  await page.getByText("200 rows", { exact: true }).waitFor();
  assert.equal(await focused(), "Filter");
});

test("one downloads a table from a menu, and comes back to it", async () => {
  await tabTo(/^Download$/, "Shift+Tab");
  await press("Enter");
  await press("ArrowDown");
  const waiting = page.waitForEvent("download");
  await press("Enter");
  assert.equal((await waiting).suggestedFilename(), "tables.zip");
  assert.equal(await focused(), "Download");
});

test("one runs SQL with a name completed", async () => {
  await tabTo(/^SQL$/, "Shift+Tab");
  await press("Enter");
  await tabTo(/^SQL statement/);
  await page.keyboard.type('select city, count(*) as n from "order" group by ci');
  await page.getByRole("option", { name: /^city/ }).waitFor();
  await press("Enter");
  await press("Control+Enter");
  await page.getByRole("gridcell", { name: "Oslo" }).waitFor();
});

test("one compares two documents, and chooses another key", async () => {
  await tabTo(/^Compare$/, "Shift+Tab");
  await press("Enter");
  const chosen = (name) => page.getByLabel(name, { exact: true }).inputValue();
  await tabTo(/^Before/);
  await press("ArrowUp");
  assert.match(await chosen("Before"), /library\.xml$/);
  await press("ArrowDown");
  assert.deepEqual(
    [await chosen("Before"), await chosen("After")].map((path) => path.slice(-5)),
    ["a.xml", "b.xml"],
  );
  await tabTo(/^Compare$/);
  await press("Enter");
  await page.getByRole("heading", { name: "order", exact: true }).waitFor();
  await tabTo(/^line/);
  await press("Space");
  await page.getByRole("heading", { name: "line", exact: true }).waitFor();
  await tabTo(/^240 removed$/);
  await press("Space");
  // The first rows that are told are all removed ones.
  await page.getByText("None of the rows shown here is of the chosen kinds.").waitFor();
  await tabTo(/^Tell up to 401 rows/);
  await press("Enter");
  await page.locator(".difference", { hasText: "Added" }).first().waitFor();
  assert.equal(await page.locator(".difference", { hasText: "Removed" }).count(), 0);
  await tabTo(/^Choose the key/, "Shift+Tab");
  await press("Enter");
  await tabTo(/^sku/);
  await press("Space");
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await focused(), "Choose the key");
});

test("one asks, follows the source, and signs out", async () => {
  await tabTo(/^Ask$/, "Shift+Tab");
  await press("Enter");
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await tabTo(/^Your question/);
  await page.keyboard.type("How many orders are there?");
  await press("Enter");
  await page.getByRole("link", { name: /^Source 1: 200/ }).waitFor();
  await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
  await tabTo(/^Source 1: 200/, "Shift+Tab");
  await press("Enter");
  await page.locator('[role=gridcell][data-active="true"]', { hasText: "200" }).waitFor();
  await tabTo(/^Account/, "Shift+Tab");
  await press("Enter");
  for (let steps = 0; steps < 6 && (await focused()) !== "Sign out"; steps += 1) await press("ArrowDown");
  await press("Enter");
  await page.getByRole("dialog").waitFor();
  await tabTo(/^Sign out/);
  await press("Enter");
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
