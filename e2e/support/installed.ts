// Tests with a simulator and a `deskbuy serve` of their own, which end after the pages that show them: a page that is still
// open would complain of the connection that breaks.
import { test as base } from "./fixtures.ts";
import { Installation } from "./installation.ts";

interface Fixtures {
  /** Flags of `deskbuy serve`. */
  serveFlags: string[];
  installation: Installation;
}

export const test = base.extend<Fixtures>({
  serveFlags: [["--attempt-deadline", "2s"], { option: true }],
  installation: async ({ serveFlags }, use) => {
    const installation = new Installation(...serveFlags);
    await installation.start();
    await use(installation);
    await installation.stop();
  },
  // Named second, so closed first.
  open: async ({ installation, open }, use) => {
    await use((path, browse) => open(`${installation.origin}${path}`, browse));
  },
});
