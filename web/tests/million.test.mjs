import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { signIn, startStage, view } from "./stage.mjs";

const ROWS = 1_000_000;
const GROWTH = 150;
/** For what the service does with a million rows, on a machine that does other things as well. */
const PATIENCE = 600_000;

let stage;
let page;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "ret-web-million-"));
  // What is looked at is the tab: a call that is put off for its number would only make it wait.
  stage = await startStage({ settings: { RATE_LIMIT_PER_MINUTE: "10000" } });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(path) {
  const file = openSync(path, "w");
  writeSync(file, "<log>");
  for (let at = 1; at <= ROWS; at += 1000) {
    const rows = Array.from({ length: 1000 }, (_, add) => {
      const number = at + add;
      return `<entry><number>${number}</number><name>entry ${number}</name><even>${number % 2 === 0}</even></entry>`;
    });
    writeSync(file, rows.join("\n"));
  }
  writeSync(file, "</log>");
  closeSync(file);
}

/** Megabytes that the largest process of a tab has in memory. */
async function tabMemory() {
  const session = await stage.browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) / 1024);
  return Math.max(...sizes);
}

/** Waits until every row in sight is drawn with the values of its place, and one of them is the row that is meant. */
function rowsAt(row) {
  return page.waitForFunction(
    (row) => {
      const lines = [...document.querySelectorAll(".grid-body [role=row]")];
      const numbers = lines.map((line) => Number(line.getAttribute("aria-rowindex")) - 1);
      const isRight = (line, at) =>
        [...line.querySelectorAll("[role=gridcell]")].some((cell) => cell.textContent === `entry ${numbers[at]}`);
      return Math.min(...numbers) <= row && row <= Math.max(...numbers) && lines.every(isRight);
    },
    row,
    { timeout: PATIENCE },
  );
}

test("a table of a million rows is scrolled, and the tab grows little", async () => {
  const path = join(folder, "log.xml");
  write(path);
  await signIn(page);
  await page.locator("input[type=file]").first().setInputFiles(path);
  await page.getByText("1 document found").waitFor({ timeout: PATIENCE });
  await view(page, "Convert");
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("link", { name: "Open the tables" }).waitFor({ timeout: PATIENCE });
  const before = await tabMemory();
  await page.getByRole("link", { name: "Open the tables" }).click();
  const grid = page.getByRole("grid");
  await page.getByRole("gridcell", { name: "entry 1", exact: true }).waitFor();
  let most = before;
  await grid.hover();
  for (let turn = 0; turn < 300; turn += 1) {
    await page.mouse.wheel(0, 3000);
    if (turn % 50 === 0) most = Math.max(most, await tabMemory());
  }
  for (let stop = 1; stop <= 40; stop += 1) {
    await grid.evaluate((element, share) => {
      element.scrollTop = (element.scrollHeight - element.clientHeight) * share;
    }, stop / 40);
    await rowsAt((ROWS * stop) / 40);
    most = Math.max(most, await tabMemory());
  }
  await page.getByRole("gridcell", { name: `entry ${ROWS}`, exact: true }).waitFor();
  console.log(`the tab had ${Math.round(before)} MB, and ${Math.round(most)} MB at most`);
  assert.ok(most - before <= GROWTH, `grew by ${Math.round(most - before)} MB`);
});

test("the keyboard reaches the first row, the last, and any in between", async () => {
  const grid = page.getByRole("grid");
  await grid.focus();
  await page.keyboard.press("Control+Home");
  await page.getByRole("gridcell", { name: "entry 1", exact: true }).waitFor();
  await page.keyboard.press("Control+ArrowDown");
  await page.getByRole("gridcell", { name: `entry ${ROWS}`, exact: true }).waitFor();
  await page.evaluate(() => {
    location.hash = "#/tables/entry?row=654321";
  });
  await page.getByRole("gridcell", { name: "entry 654321", exact: true }).waitFor();
});
