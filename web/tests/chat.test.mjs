import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RULES, startModel } from "./model.mjs";
import { shot, startStage, view } from "./stage.mjs";
import { convertDeposit } from "./views.mjs";

let model;
let stage;
let page;
before(async () => {
  model = await startModel(RULES);
  stage = await startStage({ settings: model.settings, front: true });
  page = await stage.newPage();
  await convertDeposit(page);
});
after(async () => {
  await stage.stop();
  await model.stop();
});

async function ask(text) {
  await page.getByLabel("Your question").fill(text);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
}

test("a question is answered, and its citation leads to the row", async () => {
  await view(page, "Ask");
  await page.getByRole("heading", { name: "What do you want to know?" }).waitFor();
  await shot(page, "20-chat-welcome");
  await ask("How many orders are there?");
  await page.getByText("orders in the table").waitFor();
  const cite = page.getByRole("link", { name: /^Source 1: 200/ });
  await cite.waitFor();
  await shot(page, "21-answer");
  await cite.click();
  await page.getByRole("gridcell", { name: "200" }).waitFor();
  assert.equal(await page.getByLabel("SQL statement").inputValue(), 'SELECT count(*) AS n FROM "order"');
  await page.locator('[role=gridcell][data-active="true"]', { hasText: "200" }).waitFor();
  await page.goBack();
});

test("a row that was found is shown among the others of its table", async () => {
  await ask("Who ordered first?");
  await page.getByRole("link", { name: /^Source 1: .*Shelley/ }).click();
  await page.getByRole("heading", { name: "order", exact: true }).waitFor();
  await page.locator('[role=gridcell][data-active="true"]', { hasText: "1" }).waitFor();
  await page.getByText("200 rows").waitFor();
  await page.goBack();
});

test("a chart is drawn under the page's policy, and figures without a source are told", async () => {
  await ask("Show the orders by city");
  await page.locator(".chart canvas").waitFor();
  await page.getByText("No result shows these figures: 999").waitFor();
  await page.getByRole("button", { name: "1 SQL statement" }).last().click();
  await shot(page, "22-chart");
  assert.equal(await page.locator(".answer table tbody tr").first().innerText(), "Graz\t40 1");
});

test("a broken stream is taken up where it was", async () => {
  await ask("Tell me a long story");
  await page.getByText("It begins.").waitFor();
  stage.front.cut();
  await page.getByText("It ends here.").waitFor();
  const answer = page.locator(".answer").last().locator(".prose");
  await page.locator(".answer").last().getByRole("button", { name: "Copy the answer" }).waitFor();
  assert.equal(await answer.innerText(), RULES.find(({ asked }) => asked.test("long story")).text);
});

test("a page that is opened again goes on with the answer", async () => {
  await ask("Tell me a long story");
  await page.getByText("It begins.").nth(1).waitFor();
  await page.waitForTimeout(1200);
  await page.reload();
  await page.getByText("It ends here.").nth(1).waitFor();
});

test("an answer is stopped, and what was said is kept", async () => {
  await ask("Tell me a long story");
  await page.getByText("It begins.").nth(2).waitFor();
  await page.getByRole("button", { name: "Stop the answer" }).click();
  await page.getByText("Stopped. What was said until then is kept.").waitFor();
  await shot(page, "23-stopped");
});

test("another wording and another answer are branches", async () => {
  const questions = page.locator(".said.mine");
  const count = await questions.count();
  await questions.last().hover();
  await questions.last().getByRole("button", { name: "Ask otherwise" }).click();
  await page.getByRole("textbox", { name: "Ask otherwise" }).fill("Say it otherwise");
  await page.locator(".question-form").getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByText("This is said otherwise.").waitFor();
  await page.getByText("2 / 2").waitFor();
  assert.equal(await questions.count(), count);
  await page.getByRole("button", { name: "Answer again" }).last().click();
  await page.getByText("2 / 2").nth(1).waitFor();
  await shot(page, "24-branches");
  await page.getByRole("button", { name: "Previous branch" }).first().click();
  await page.getByText("Stopped. What was said until then is kept.").waitFor();
});

test("conversations are found, named, exported and deleted", async () => {
  await page.getByRole("link", { name: "New conversation" }).click();
  await ask("Say it otherwise, elsewhere");
  await page.getByText("This is said otherwise.").waitFor();
  const entries = page.getByRole("navigation", { name: "Conversations" }).getByRole("listitem");
  await page.waitForFunction(() => document.querySelectorAll(".talk").length === 2);
  await page.getByRole("button", { name: /^More about Say it/ }).click();
  await shot(page, "25-history-menu");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByLabel("Name of the conversation").fill("About words");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "About words" }).waitFor();
  await page.getByLabel("Search conversations").fill("elsewhere");
  await page.waitForFunction(() => document.querySelectorAll(".talk").length === 1);
  await page.getByRole("button", { name: "More about About words" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as Markdown" }).click();
  assert.equal((await waiting).suggestedFilename(), "About words.md");
  await page.getByRole("button", { name: "More about About words" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No conversation has these words.").waitFor();
  await page.getByLabel("Search conversations").fill("");
  await page.waitForFunction(() => document.querySelectorAll(".talk").length === 1);
  assert.equal(await entries.count(), 1);
});

test("an answer that is too large to be kept whole says what is left out", async () => {
  for (const [bytes, says] of [
    [700, "Too large to be kept whole: its charts are left out."],
    [400, "Too large to be kept whole: its charts, sources and SQL statements are left out."],
  ]) {
    const settings = { ...model.settings, HISTORY_MAX_MESSAGE_BYTES: String(bytes) };
    const small = await startStage({ settings });
    try {
      const other = await small.newPage();
      await convertDeposit(other);
      await view(other, "Ask");
      await other.getByLabel("Your question").fill("Show the orders by city");
      await other.getByRole("button", { name: "Ask", exact: true }).click();
      await other.getByText(says).waitFor();
      await shot(other, `26-left-out-${bytes}`);
      await other.reload();
      await other.getByText(says).waitFor();
      assert.equal(await other.locator(".chart").count(), 0);
    } finally {
      await small.stop();
    }
  }
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
