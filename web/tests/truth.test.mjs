import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { PASSWORD, signIn, signOut, startStage, view } from "./stage.mjs";
import { convertDeposit } from "./views.mjs";

/** What the page shows is of the person, the conversation and the statement that it says, however late an answer comes. */
let model;
let stage;
let page;
before(async () => {
  const awkward = { asked: /awkward/i, calls: [], text: "The value is <img src=x onerror=alert(1)> and *so* it is." };
  model = await startModel([awkward, ...RULES]);
  stage = await startStage({ settings: { ...model.settings, RATE_LIMIT_PER_MINUTE: "10000" } });
  page = await stage.newPage();
  await convertDeposit(page);
});
after(async () => {
  await stage.stop();
  await model.stop();
});

const question = () => page.getByLabel("Your question");
const newOne = () => page.getByRole("link", { name: "New conversation" }).click();
const conversation = () => page.getByRole("log");
const temporary = () => page.getByText("Kept nowhere");
const hash = () => new URL(page.url()).hash;

async function ask(text) {
  await question().fill(text);
  await page.locator(".composer").getByRole("button", { name: "Ask", exact: true }).click();
}

async function answered() {
  await page.getByRole("button", { name: "Copy the answer" }).last().waitFor();
  await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
}

/** Holds the first call back until it is let go; `how` says what becomes of it then. */
async function held(url, method, how = (route) => route.continue()) {
  let only = null;
  let isHeld;
  const first = new Promise((resolve, reject) => {
    isHeld = resolve;
    setTimeout(() => reject(new Error(`no ${method} came to be held`)), 60_000).unref();
  });
  const handler = (route) => {
    if (route.request().method() !== method || only) return route.fallback();
    only = route;
    isHeld();
  };
  await page.route(url, handler);
  return {
    first,
    async letGo() {
      await page.unroute(url, handler);
      // The page may have given it up.
      if (only) await how(only).catch(() => {});
    },
  };
}

const isList = (url) => url.pathname === "/api/conversations";
const refusal = { status: 401, contentType: "application/problem+json", body: '{"code":"not_signed_in"}' };

test("a suggestion is kept nowhere if nothing is to be kept, and such a conversation has its address", async () => {
  await view(page, "Ask");
  await page.getByText("Keep nothing of it").click();
  await page.locator(".suggestions button").first().click();
  await answered();
  await temporary().waitFor();
  const address = hash();
  assert.match(address, /^#\/chat\/[0-9a-f-]{36}$/);
  await newOne();
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  assert.equal(await temporary().count(), 0);
  await page.goBack();
  await temporary().waitFor();
  assert.equal(await page.locator(".said").count(), 2);
  await page.reload();
  await temporary().waitFor();
  assert.equal(hash(), address);
  assert.equal(await page.locator(".talk").count(), 0);
  await newOne();
});

test("a question to be kept nowhere does not come up in another conversation, nor is it lost", async () => {
  await ask("How many orders are there?");
  await answered();
  const other = hash();
  await newOne();
  await page.getByText("Keep nothing of it").click();
  const begun = await held("**/api/conversations", "POST");
  await ask("Tell me otherwise, in secret");
  await begun.first;
  assert.equal(await page.getByRole("button", { name: "Stop the answer" }).count(), 1, "it cannot be asked twice");
  await page.locator(".talk a").first().click();
  await conversation().getByText("orders in the table").waitFor();
  await begun.letGo();
  await page.waitForTimeout(500);
  assert.equal(hash(), other);
  assert.equal(await page.locator(".said").count(), 2);
  assert.equal(await page.getByText("in secret").count(), 0);
  await newOne();
  assert.equal(await question().inputValue(), "Tell me otherwise, in secret");
  await question().fill("");
  await page.getByText("Keep nothing of it").click();
});

test("a new conversation begins also while the first question of another one is on its way", async () => {
  const begun = await held("**/api/chat", "POST");
  await ask("Say it otherwise, slowly");
  await begun.first;
  await newOne();
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await begun.letGo();
  await page.waitForTimeout(500);
  assert.equal(hash(), "#/chat");
  assert.equal(await page.locator(".said").count(), 0);
});

test("who looks elsewhere while a conversation begins stays there, and finds it on coming back", async () => {
  const begun = await held("**/api/chat", "POST");
  await ask("Say it otherwise, from afar");
  await begun.first;
  await view(page, "Tables");
  await begun.letGo();
  await page.waitForTimeout(500);
  assert.match(hash(), /^#\/tables/);
  await view(page, "Ask");
  await conversation().getByText("This is said otherwise.").waitFor();
  await page.waitForFunction(() => /^#\/chat\/[0-9a-f-]{36}$/.test(location.hash));
});

test("an answer that cannot be given once more leaves the first one, and the conversation goes on from it", async () => {
  await newOne();
  await ask("How many orders are there?");
  await answered();
  await page.route("**/api/chat", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: '{"code":"unavailable","title":"Busy"}',
    }),
  );
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.getByRole("alert").getByText("Busy").waitFor();
  await conversation().getByText("orders in the table").waitFor();
  await page.unroute("**/api/chat");
  await ask("Say it otherwise");
  await conversation().getByText("This is said otherwise.").waitFor();
  await answered();
  assert.deepEqual(await page.locator(".question p").allInnerTexts(), [
    "How many orders are there?",
    "Say it otherwise",
  ]);
  await conversation().getByText("orders in the table").waitFor();
  await page.reload();
  await conversation().getByText("This is said otherwise.").waitFor();
  assert.equal(await page.locator(".said").count(), 4);
  assert.equal(await page.locator(".branches").count(), 0);
});

test("another wording waits for the answer that is being written", async () => {
  await page.getByRole("button", { name: "Ask otherwise" }).first().click();
  await page.getByRole("textbox", { name: "Ask otherwise" }).fill("Show the orders by city");
  await ask("Tell me a long story");
  await page.getByText("It begins.").waitFor();
  const form = page.locator(".question-form");
  await form.getByRole("textbox").press("Enter");
  assert.equal(await form.getByRole("textbox").inputValue(), "Show the orders by city");
  assert.equal(await form.getByRole("button", { name: "Ask" }).getAttribute("aria-disabled"), "true");
  await page.getByRole("button", { name: "Stop the answer" }).click();
  await answered();
  await form.getByRole("textbox").press("Enter");
  await conversation().getByText("Each city has as many orders").waitFor();
  await answered();
});

test("what is half written stays with its conversation", async () => {
  const here = hash();
  await question().fill("And what of");
  await newOne();
  assert.equal(await question().inputValue(), "");
  await question().fill("Something new");
  await view(page, "Upload");
  await view(page, "Ask");
  assert.equal(await question().inputValue(), "Something new");
  await page.evaluate((address) => {
    location.hash = address;
  }, here);
  await conversation().getByText("Each city has as many orders").waitFor();
  assert.equal(await question().inputValue(), "And what of");
  await question().fill("");
});

test("what looks like markup is shown as it is", async () => {
  await newOne();
  await ask("Something awkward");
  await answered();
  assert.equal(
    await page.locator(".answer .prose").innerText(),
    "The value is <img src=x onerror=alert(1)> and so it is.",
  );
});

const sqlField = () => page.getByLabel("SQL statement");
const MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT i FROM n";

async function run(sql) {
  await sqlField().fill(sql);
  await sqlField().press("Control+Enter");
}

async function exported(name) {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name }).click();
  const download = await waiting;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("the result that is shown is the one that is exported, and says if it is cut", async () => {
  await view(page, "Tables");
  await page.getByRole("link", { name: "SQL", exact: true }).click();
  await run('SELECT count(*) AS n FROM "order"');
  await page.getByRole("gridcell", { name: "200" }).waitFor();
  await sqlField().fill("SELECT 1 AS other");
  const whole = await exported("Export CSV");
  assert.deepEqual(whole, { name: "result.csv", text: "n\n200\n" });
  await run(MANY);
  const cut = await exported("Export the first 10,000 rows as CSV");
  assert.equal(cut.name, "result, first 10000 rows.csv");
  assert.equal(cut.text.trim().split("\n").length, 10_001);
});

test("a statement that was run is come back to, and one that is half written stays", async () => {
  await run('SELECT min(city) AS c FROM "order"');
  await page.getByRole("gridcell", { name: "Graz" }).waitFor();
  await sqlField().fill("SELECT half");
  await view(page, "Upload");
  await page.goBack();
  await page.getByRole("gridcell", { name: "Graz" }).waitFor();
  assert.equal(await sqlField().inputValue(), "SELECT half");
  await page.reload();
  await page.getByRole("gridcell", { name: "Graz" }).waitFor();
  assert.equal(await sqlField().inputValue(), 'SELECT min(city) AS c FROM "order"');
  await page.goBack();
  await page.getByText("Cut at 10,000 rows").waitFor();
  assert.equal(await sqlField().inputValue(), MANY);
});

test("a statement that is mistyped is told from one that is not allowed", async () => {
  for (const sql of ['SELECT citty FROM "order"', "SELECT * FROM ordres", "SELEKT 1"]) {
    await run(sql);
    await page.getByRole("alert").getByText("The statement has an error").waitFor();
    await sqlField().fill("");
    await page.getByRole("link", { name: "SQL", exact: true }).click();
    await run('SELECT 1 AS n FROM "order" LIMIT 1');
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "SQL", exact: true }).click();
  }
  await run('DELETE FROM "order"');
  await page.getByRole("alert").getByText("The statement is not allowed").waitFor();
});

test("a table that is not there any more is not another one", async () => {
  await page.evaluate(() => {
    location.hash = "#/tables/gone?row=2";
  });
  await page.getByRole("heading", { name: "This table is no longer there" }).waitFor();
  assert.equal(await page.getByRole("grid").count(), 0);
  assert.equal(await page.getByRole("heading", { name: "gone", exact: true }).count(), 1);
});

test("an answer over tables of before says that its sources are those of now", async () => {
  const older = page.getByText("The tables were made anew since this answer");
  await view(page, "Ask");
  await newOne();
  await ask("How many orders are there?");
  await answered();
  assert.equal(await older.count(), 0);
  await view(page, "Convert");
  const made = page.waitForResponse((answer) => answer.url().endsWith("/api/tables") && answer.ok());
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await made;
  await view(page, "Ask");
  await older.waitFor();
});

test("further conversations are shown once, however often they are asked for", async () => {
  const items = Array.from({ length: 60 }, (_, at) => ({
    id: `00000000-0000-7000-8000-${String(at).padStart(12, "0")}`,
    title: `Talk ${at}`,
    temporary: false,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
  }));
  const waiting = [];
  const handler = (route) => {
    const url = new URL(route.request().url());
    const answer = (body) => route.fulfill({ contentType: "application/json", body: JSON.stringify(body) });
    if (url.searchParams.has("cursor")) waiting.push(() => answer({ items: items.slice(50), next_cursor: null }));
    else return answer({ items: items.slice(0, 50), next_cursor: "50" });
  };
  await page.route(isList, handler);
  await page.reload();
  const more = page.locator(".history").getByRole("button", { name: "Show more" });
  await more.click();
  await more.click();
  await page.waitForTimeout(300);
  await Promise.all(waiting.map((answer) => answer()));
  await page.getByRole("link", { name: /^Talk 59/ }).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".talk").count(), 60);
  await page.unrouteAll();
});

test("a dialog stays if a selection ends beside it, or something is filled in", async () => {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog");
  const box = await dialog.boundingBox();
  const beside = async () => {
    await page.mouse.move(box.x - 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.up();
  };
  await page.mouse.move(box.x + 60, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x - 40, box.y + 40);
  await page.mouse.up();
  assert.equal(await dialog.count(), 1);
  await beside();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Change password" }).click();
  await dialog.getByLabel("Current password").fill("something");
  await beside();
  assert.equal(await dialog.getByLabel("Current password").inputValue(), "something");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("who has signed out stays signed out when a refusal comes late", async () => {
  await view(page, "Upload");
  await page.route(isList, (route) => route.fulfill(refusal));
  const renewal = await held("**/api/auth/refresh", "POST", (route) => route.fulfill(refusal));
  await view(page, "Ask");
  await renewal.first;
  await signOut(page);
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await renewal.letGo();
  await page.waitForTimeout(500);
  assert.equal(await page.getByRole("heading", { name: "You are signed out" }).count(), 1);
  await page.unrouteAll();
});

test("what was asked for one person is not shown to the next", async () => {
  await page.getByRole("button", { name: "Sign in again" }).click();
  await signIn(page, PASSWORD);
  await view(page, "Upload");
  const items = [{ id: "late", title: "A secret of before", temporary: false, updated_at: "2026-01-01T00:00:00Z" }];
  const late = await held(isList, "GET", (route) =>
    route.fulfill({ contentType: "application/json", body: JSON.stringify({ items }) }),
  );
  await view(page, "Ask");
  await late.first;
  await signOut(page);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await signIn(page, PASSWORD);
  await page.getByRole("heading", { name: "Nothing uploaded yet" }).waitFor();
  assert.equal(hash(), "#/upload");
  await view(page, "Ask");
  await page.locator(".talk").first().waitFor();
  await late.letGo();
  await page.waitForTimeout(500);
  assert.equal(await page.getByText("A secret of before").count(), 0);
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
