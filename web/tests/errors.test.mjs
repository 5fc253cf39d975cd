import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BROKEN, orders } from "./samples.mjs";
import { drop, shot, signIn, startStage, view } from "./stage.mjs";

/** A model that is away: nothing listens there. */
const AWAY = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_CHAT_MODEL: "away" };

let stage;
let page;
before(async () => {
  stage = await startStage({ settings: AWAY, front: true });
  page = await stage.newPage();
  await signIn(page);
});
after(() => stage.stop());

test("a document that is no XML is refused with line, column and the text", async () => {
  await drop(page, [{ name: "broken.xml", bytes: BROKEN }]);
  await page.getByText("No readable XML document", { exact: true }).waitFor();
  await page
    .getByText(/line 3, column 21/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Show the place" }).click();
  await page.locator(".excerpt .at").filter({ hasText: "2026-03-01</dat>" }).waitFor();
  await shot(page, "40-bad-document");
});

test("an upload is cancelled in the middle", async () => {
  // However fast the machine is, there is a middle.
  stage.front.slowDown(10_000_000);
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(300 * 1024 * 1024)], "huge.xml"));
    document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
  });
  const row = page.locator(".transfer", { hasText: "huge.xml" });
  await row.getByText(/^[1-9].* of 315 MB/).waitFor();
  await shot(page, "41-progress");
  const discarded = page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await row.getByRole("button", { name: "Cancel" }).click();
  await row.getByText("Cancelled").waitFor();
  assert.equal((await discarded).status(), 204, "nothing of it is left");
});

test("a large file goes by ticket, and goes on after the connection broke", async () => {
  const { front } = stage;
  const asked = [];
  page.on("request", (request) => {
    if (!request.url().includes("/content?")) return;
    asked.push({ method: request.method(), offset: Number(request.headers()["upload-offset"] ?? 0) });
  });
  const size = await page.evaluate(
    (order) => {
      const head = new Blob(["<orders>"]);
      const body = new Blob(Array.from({ length: 4000 }, () => order));
      const file = new File([head, body, "</orders>"], "large.xml");
      const transfer = new DataTransfer();
      transfer.items.add(file);
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
      return file.size;
    },
    orders(60).replace("<orders>", "").replace("</orders>", ""),
  );
  const row = page.locator(".transfer", { hasText: "large.xml" });
  await row.getByText(/^[1-9].* of [\d.]+ MB/).waitFor();
  // A browser tries a kept connection that breaks once more by itself. Each time something has arrived before.
  const resume = row.getByRole("button", { name: "Resume" });
  let cutAt = 0;
  for (let cuts = 0; cuts < 10 && !(await resume.isVisible()); ) {
    if (front.passed("PUT") - cutAt > 3_000_000) {
      front.cut();
      cutAt = front.passed("PUT");
      cuts += 1;
    }
    await page.waitForTimeout(100);
  }
  await row.getByText("What has arrived of it is kept.").waitFor();
  await shot(page, "42-broken-off");
  // The service keeps it on its disk.
  await stage.ret.kill();
  await stage.ret.start();
  asked.length = 0;
  const putBefore = front.passed("PUT");
  front.slowDown(Number.POSITIVE_INFINITY);
  await resume.click();
  await row.getByText("1 document found").waitFor({ timeout: 60_000 });
  assert.deepEqual(
    asked.map(({ method }) => method),
    ["HEAD", "PATCH"],
  );
  const [, { offset }] = asked;
  assert.ok(offset > 1_000_000 && offset < size, `${offset} of ${size}`);
  assert.equal(front.passed("PATCH"), size - offset, "what arrived is not sent again");
  assert.equal(front.passed("PUT"), putBefore);
});

test("a conversion is shown to its end over a restart of the service", async () => {
  await view(page, "Convert");
  await page.locator(".sample-rows td").first().waitFor();
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByText(/[1-9]\d* %/).waitFor();
  await shot(page, "43-converting");
  await stage.ret.kill();
  await page.getByText("The conversion goes on; looking for it again…").waitFor();
  await shot(page, "44-service-away");
  await stage.ret.start();
  await page.getByRole("heading", { name: /tables with .* rows from 1 document/ }).waitFor({ timeout: 300_000 });
});

test("a statement that is wrong is refused with its reason", async () => {
  await page.evaluate(() => {
    location.hash = `#/tables?sql=${encodeURIComponent("delete from line")}`;
  });
  await page.getByText("The statement is not allowed").waitFor();
  await shot(page, "45-sql-refused");
});

test("what cannot be had while the service is away can be asked for again", async () => {
  await stage.ret.kill();
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("The service cannot be reached").waitFor();
  await shot(page, "46-offline");
  await stage.ret.start();
  await page.getByLabel("SQL statement").fill("select count(*) as n from line");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("gridcell").first().waitFor();
});

test("a model that is away is said to be so, and what was asked is kept", async () => {
  await view(page, "Ask");
  for (const question of ["Who is there?", "Is anybody there?"]) {
    await page.getByLabel("Your question").fill(question);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.locator(".question", { hasText: question }).waitFor();
    await page.getByText("The model did not answer").waitFor();
    await page.waitForFunction(() => !document.querySelector(".answer[aria-busy]"));
  }
  await shot(page, "48-no-model");
  assert.equal(await page.locator(".question").count(), 2);
  await page.evaluate(() => {
    location.hash = "#/tables?sql=select%201";
  });
  await page.getByRole("gridcell").first().waitFor();
});

test("a view that is gone since the page was loaded is said to be so, and had by loading it again", async () => {
  const here = page.url();
  await page.route("**/assets/AdminView-*.js", (route) => route.fulfill({ status: 404 }));
  await view(page, "Admin");
  await page.getByText("This view could not be loaded").waitFor();
  await shot(page, "49-view-gone");
  await page.unroute("**/assets/AdminView-*.js");
  await page.getByRole("button", { name: "Load the page again" }).click();
  await page.locator(".tile").first().waitFor();
  await page.goto(here);
  await page.getByRole("button", { name: "Run" }).waitFor();
});

test("a session that has ended elsewhere leads back to the sign-in", async () => {
  const token = await page.evaluate(
    async () => (await (await fetch("/api/auth/refresh", { method: "POST" })).json()).access_token,
  );
  await page.context().clearCookies();
  const ended = await fetch(`${stage.ret.origin}/api/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(ended.status, 200);
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Your session has ended").waitFor();
  await shot(page, "47-expired");
  await signIn(page);
  await page.getByRole("heading", { name: "Your session has ended" }).waitFor({ state: "detached" });
});

test("nothing broke the policy, left the origin or failed unseen", () => {
  assert.deepEqual(stage.record, { violations: [], foreign: [], errors: [] });
});
