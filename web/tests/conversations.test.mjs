import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { settled, shot, startStage, view } from "./stage.mjs";
import { convertDeposit } from "./views.mjs";

const QUESTIONS = ["How many orders are there?", "Show the orders by city", "Who ordered first?"];
/** What the service calls them. */
const TITLES = QUESTIONS.map((question) => question.replace("?", ""));

let model;
let stage;
let page;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: { ...model.settings, RATE_LIMIT_PER_MINUTE: "10000" } });
  page = await stage.newPage();
  await convertDeposit(page);
  await view(page, "Ask");
  for (const question of QUESTIONS) {
    await page.getByRole("link", { name: "New conversation" }).click();
    await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
    await page.getByLabel("Your question").fill(question);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.getByRole("button", { name: "Copy the answer" }).waitFor();
    await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
    await listed(QUESTIONS.indexOf(question) + 1);
  }
});
after(async () => {
  await stage.stop();
  await model.stop();
});

const listed = (count) => page.waitForFunction((count) => document.querySelectorAll(".talk").length === count, count);
/** Waits until these are listed, and no others. */
const shown = (expected) =>
  page.waitForFunction(
    (expected) => [...document.querySelectorAll(".talk a .truncate")].map((one) => one.textContent).join() === expected,
    expected.join(),
  );
const names = () => page.locator(".talk a .truncate").allInnerTexts();
const entry = (name) => page.locator(".talk", { hasText: name });

async function pick(name, what) {
  await page.getByRole("button", { name: `More about ${name}` }).click();
  await page.getByRole("button", { name: what, exact: true }).click();
}

async function exported(name, what) {
  const waiting = page.waitForEvent("download");
  await pick(name, what);
  const download = await waiting;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

async function search(words) {
  await page.getByLabel("Search conversations").fill(words);
}

test("a conversation is called otherwise, for good", async () => {
  const given = (await names()).find((name) => name.startsWith("How many"));
  await pick(given, "Rename");
  const field = page.getByRole("dialog").getByLabel("Name of the conversation");
  assert.equal(await field.inputValue(), given);
  await field.fill('Counting: orders / "all"');
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await entry('Counting: orders / "all"').waitFor();
  await page.reload();
  await entry('Counting: orders / "all"').waitFor();
  await entry('Counting: orders / "all"').getByRole("link").click();
  await page.getByRole("heading", { name: 'Counting: orders / "all"' }).waitFor();
  assert.equal(await page.locator(".question p").innerText(), QUESTIONS[0]);
});

test("conversations are found by words of their names, questions and answers", async () => {
  for (const [words, expected] of [
    ["counting", ['Counting: orders / "all"']],
    ["first", [TITLES[2]]],
    // Of the answer only.
    ["Shelley", [TITLES[2]]],
    ["orders by city", [TITLES[1]]],
  ]) {
    await search(words);
    await shown(expected);
  }
  await search("nowhere to be found");
  await page.getByText("No conversation has these words.").waitFor();
  await settled(page);
  await shot(page, "72-nothing-found");
  await search("");
  await listed(3);
});

test("the export as Markdown has the question, the answer, and its sources", async () => {
  const { name, text } = await exported('Counting: orders / "all"', "Export as Markdown");
  assert.equal(name, "Counting orders all.md");
  const lines = text.split("\n");
  assert.equal(lines[0], '# Counting: orders / "all"');
  const at = (pattern) => lines.findIndex((line) => pattern.test(line));
  const places = [/^## You · /, /^How many orders are there\?$/, /^## Assistant · /, /^There are \*\*200\*\* /].map(at);
  assert.ok(
    places.every((place, number) => place > (places[number - 1] ?? 0)),
    text,
  );
  assert.match(text, /SELECT count\(\*\) AS n FROM "order"/);
  assert.doesNotMatch(text, /\[\[|999/);
});

test("the export as JSON has every message with what it rests on", async () => {
  const { name, text } = await exported(TITLES[1], "Export as JSON");
  assert.equal(name, `${TITLES[1]}.json`);
  const { id, title, messages } = JSON.parse(text);
  assert.equal(title, TITLES[1]);
  const address = await entry(TITLES[1]).getByRole("link").getAttribute("href");
  assert.ok(address.endsWith(id), `${id} is not at ${address}`);
  const [question, answer] = messages;
  assert.deepEqual(
    messages.map(({ role, complete, parent_id }) => [role, complete, parent_id]),
    [
      ["user", true, null],
      ["assistant", true, question.id],
    ],
  );
  assert.equal(question.content, QUESTIONS[1]);
  assert.match(answer.content, /\| Graz \| 40 /);
  assert.match(answer.details.queries[0].sql, /GROUP BY city/);
  assert.equal(answer.details.charts.length, 1);
  assert.deepEqual(answer.details.unsupported, ["999"]);
});

test("a conversation that is deleted is gone, and a question about it comes first", async () => {
  await entry(TITLES[2]).getByRole("link").click();
  await page.locator(".question", { hasText: QUESTIONS[2] }).waitFor();
  const address = page.url();
  await pick(TITLES[2], "Delete");
  await page.getByRole("dialog").getByText(`“${TITLES[2]}” goes for good.`).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal((await names()).length, 3);
  await pick(TITLES[2], "Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await listed(2);
  // It was in view: in its place a new one begins.
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await page.goto(address);
  await page.reload();
  await listed(2);
  await page.getByRole("log").getByRole("alert").getByText("Not found").waitFor();
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
