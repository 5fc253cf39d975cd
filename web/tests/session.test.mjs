import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { library, orders } from "./samples.mjs";
import { PASSWORD, shot, signIn, startStage, view } from "./stage.mjs";

let stage;
let page;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "ret-web-folder-"));
  stage = await startStage({ settings: { RATE_LIMIT_PER_MINUTE: "10000" } });
  page = await stage.newPage();
});
after(async () => {
  await stage.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("everything is reached with the keyboard alone", async () => {
  const focused = () => page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id);
  await page.keyboard.press("Tab");
  await page.keyboard.type("admin");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the content");
  const reached = new Set();
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press("Tab");
    reached.add(await focused());
  }
  for (const name of ["Upload", "Convert", "Tables", "Ask", "Admin", "Choose files", "Choose a folder"]) {
    assert.ok(reached.has(name), `${name} was not reached: ${[...reached].join(" · ")}`);
  }
  await page.getByRole("button", { name: /^Account/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Change password" }).waitFor();
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Sign out");
  await page.keyboard.press("Escape");
  assert.match(await focused(), /^Account/);
});

test("a token that is refused is renewed unseen", async () => {
  let refused = 0;
  let renewed = 0;
  await page.route("**/api/tables", (route) => {
    refused += 1;
    if (refused > 1) return route.continue();
    return route.fulfill({ status: 401, contentType: "application/problem+json", body: '{"code":"not_signed_in"}' });
  });
  page.on("request", (request) => {
    if (request.url().endsWith("/api/auth/refresh")) renewed += 1;
  });
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/api/tables") && answer.ok());
  await page.reload();
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await answered;
  assert.equal(refused, 2);
  assert.equal(renewed, 2, "once to take the session up, once for the refused token");
  await page.unroute("**/api/tables");
});

test("tabs that are opened at once do not spend each other's tokens", async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => page.context().newPage()));
  await Promise.all(others.map((other) => other.goto(stage.origin)));
  for (const other of others) await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await Promise.all(others.map((other) => other.reload()));
  for (const other of others) {
    await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
    await other.close();
  }
  await page.reload();
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
});

test("a tab follows when another begins another session", async () => {
  const other = await page.context().newPage();
  await other.goto(stage.origin);
  await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  const reloaded = page.waitForEvent("load");
  await other.evaluate(async (password) => {
    const body = JSON.stringify({ username: "admin", password });
    const headers = { "content-type": "application/json" };
    const granted = await (await fetch("/api/auth/login", { method: "POST", headers, body })).json();
    new BroadcastChannel("ret.session").postMessage({ kind: "grant", grant: granted });
  }, PASSWORD);
  await reloaded;
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  await other.close();
});

test("a folder is uploaded with its ways, and what a system left in it is not", async () => {
  mkdirSync(join(folder, "may"));
  writeFileSync(join(folder, "may", "orders.xml"), orders(10));
  writeFileSync(join(folder, "library.xml"), library(5));
  writeFileSync(join(folder, ".DS_Store"), "x");
  await page.locator("input[webkitdirectory]").setInputFiles(folder);
  await page.getByText("2 documents found").waitFor();
  assert.equal(await page.getByText(/entries? left out/).count(), 0);
  const name = folder.split("/").at(-1);
  await page.getByTitle(`${name}/may/orders.xml`).first().waitFor();
});

test("a folder that falls on the page is uploaded with its ways too", async () => {
  mkdirSync(join(folder, "june", "deep"), { recursive: true });
  writeFileSync(join(folder, "june", "deep", "orders.xml"), orders(10));
  writeFileSync(join(folder, "june", "Thumbs.db"), "x");
  // Folders come with a drag of the browser's own only.
  const { x, y, width, height } = await page.locator(".drop").boundingBox();
  const place = { x: x + width / 2, y: y + height / 2 };
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(folder, "june")], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, ...place, data });
  }
  await page.getByTitle("june/deep/orders.xml").first().waitFor();
  assert.equal(await page.getByText(/entries? left out/).count(), 0);
  await page.getByRole("button", { name: "Remove june/deep/orders.xml" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Clear the list" }).click();
  await page.getByTitle("june/deep/orders.xml").first().waitFor({ state: "detached" });
});

test("tables are downloaded, one and all", async () => {
  await view(page, "Convert");
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByRole("link", { name: "Open the tables" }).click();
  await page.getByRole("gridcell").first().waitFor();
  for (const [item, expected] of [
    [/\.csv$/, /\.csv$/],
    [/^Download all/, /^tables\.zip$/],
  ]) {
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: item }).click();
    assert.match((await waiting).suggestedFilename(), expected);
  }
});

test("a parent row is followed to its table", async () => {
  await page.getByRole("navigation", { name: "Tables" }).getByRole("link", { name: "line" }).click();
  await page.getByRole("gridcell", { name: "3", exact: true }).first().waitFor();
  await page.locator('[role=gridcell][aria-colindex="2"]').nth(3).click();
  await page.getByRole("link", { name: "Show in order" }).click();
  await page.locator('[role=gridcell][data-active="true"]').waitFor();
  await page.getByRole("heading", { name: "order" }).waitFor();
});

test("the formats are those that the service writes, and of another it says why not", async () => {
  await view(page, "Convert");
  await page.getByRole("radio", { name: "JSON Lines" }).waitFor({ state: "attached" });
  assert.equal(await page.getByRole("radio", { name: "Parquet" }).count(), 0);
  // As another build would say.
  await page.route("**/api/convert/formats", async (route) => {
    const answer = await route.fetch();
    // The limit of calls may refuse it at first; the page asks again.
    if (!answer.ok()) return route.fulfill({ response: answer });
    const body = await answer.json();
    const parquet = { format: "parquet", media_type: "application/vnd.apache.parquet" };
    await route.fulfill({ response: answer, json: { items: [...body.items, parquet] } });
  });
  await page.reload();
  await page.getByRole("radio", { name: "Parquet" }).check();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByText("The format is not available").waitFor();
  await shot(page, "51-no-such-format");
  await page.unroute("**/api/convert/formats");
  await page.reload();
  await page.getByRole("heading", { name: /tables? with/ }).waitFor();
});

test("a file is removed with its documents", async () => {
  await view(page, "Upload");
  await page.getByRole("button", { name: /^Remove .*orders\.xml$/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page
    .getByTitle(/orders\.xml$/)
    .first()
    .waitFor({ state: "detached" });
});

test("the appearance is chosen, and kept", async () => {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("radio", { name: "Dark" }).check();
  await page.reload();
  await page.getByRole("heading", { name: "Upload" }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
});

test("the password is changed", async () => {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Current password").fill("wrong-password");
  await page.getByLabel("New password").fill("another-password-1");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The password was changed").waitFor();
  const other = await stage.newPage();
  await signIn(other, "another-password-1");
  await other.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
