// How the tests in Firefox run.
import { engine } from "../support/engine.ts";

export default engine("firefox");
