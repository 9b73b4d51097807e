// A headless Chromium, and the applet's page in it.

import { chromium } from "playwright-core";

export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"],
  });
  return browser;
}

// What went wrong in a page is kept in `troubles`: every refusal of the policy, every error.
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.troubles = [];
  page.on("pageerror", (error) => page.troubles.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.troubles.push(message.text());
  });
  await page.goto(address);
  return page;
}

export const fill = async (page, fields) => {
  await page.evaluate(() => document.querySelector("details")?.setAttribute("open", ""));
  for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value);
};

export const state = (page) => page.locator("#state").getAttribute("data-state");
