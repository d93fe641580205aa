// How the tests in WebKit run.
import { engine } from "../support/engine.ts";

export default engine("webkit");
