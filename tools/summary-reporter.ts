import type { Reporter, TestModule } from 'vitest/node';

/** What a failed test left open must not keep the run from ending. */
const patienceMs = 60_000;

/** Prints `N passed, N failed` alone on the last line. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        if (state === 'failed') failed++;
      }
      if (module.state() === 'failed' && failed === before) failed++; // a file that did not load
    }
    process.once('exit', (code) => {
      if (code !== 0 && failed === 0) failed = 1; // for example a global setup that threw: no module and no error is reported
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
    });
    setTimeout(() => process.exit(failed > 0 ? 1 : process.exitCode), patienceMs).unref();
  }
}
