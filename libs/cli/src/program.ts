import { Command } from 'commander';
import { addAdopt } from './adopt/adopt.js';
import { addBatch } from './batch.js';
import { addDeadLetters } from './dead-letters.js';
import { addFreeze } from './freeze.js';
import { addLogs } from './logs.js';
import { addPromote, addRollback } from './promote.js';
import { addLoadTest, addReady } from './ready.js';
import { addRegister } from './register.js';
import { addReset } from './reset.js';
import { addStatus } from './status.js';
import { addStop } from './stop.js';
import { addUnfreeze } from './unfreeze.js';
import { addVerify } from './verify.js';
import { addVerifyProvenance } from './verify-provenance.js';
import { addVerifyReceipt } from './verify-receipt.js';
import { addVote } from './vote.js';
import { addWhy } from './why.js';

/** The operator's tool with all its commands. */
export function createProgram(): Command {
  const program = new Command('bascule')
    .description("the operator's tool for a stack started with npm start")
    .option('--data <dir>', 'the data directory of the stack', '.bascule')
    .showHelpAfterError('(type npm run bascule -- --help for all commands)');
  for (const add of [
    addStatus,
    addLogs,
    addStop,
    addReset,
    addDeadLetters,
    addFreeze,
    addUnfreeze,
    addWhy,
    addVerify,
    addVerifyProvenance,
    addVerifyReceipt,
    addBatch,
    addAdopt,
    addRegister,
    addLoadTest,
    addReady,
    addPromote,
    addVote,
    addRollback,
  ])
    add(program);
  return program;
}
