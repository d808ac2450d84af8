import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { commitTo, newSalt, parseAnswer, type ReceiptStatement, verifyAnswer } from './index.js';

const salts = [newSalt(), newSalt()];
const hash = (value: unknown, row: number) => commitTo(value, salts[row]!).toString('hex');
const ids = ['p0', 'p1'];
// as the record of a row says it
const outputs = [
  { label: '9007199254740993', probabilities: [0.75, 0.25], seen: 'x', sure: true, score: null },
  { label: 7, probabilities: [Math.fround(0.1), 'NaN'], seen: 'y', sure: false, score: 'Infinity' },
];
const inputs = [{ speed: Math.fround(1.1) }, { speed: 2 }];
const statement: ReceiptStatement = {
  format: 'bascule.receipt/v1',
  modelName: 'm',
  modelVersion: 3,
  artifactDigest: 'd',
  requestId: 'r',
  keyId: 'k',
  answeredAt: '2001-01-01T00:00:00.000Z',
  producer: 'p',
  blocks: null,
  rows: ids.map((predictionId, i) => ({
    predictionId,
    inputs: hash(inputs[i], i),
    outputs: hash(outputs[i], i),
    salt: salts[i]!.toString('hex'),
    kept: 'none',
  })),
  outputNames: Object.keys(outputs[0]!),
};
const answer = `{"model_name":"m","model_version":"3","parameters":{"prediction_id":"p0,p1"},"outputs":[
  {"name":"label","datatype":"INT64","shape":[2],"data":[9007199254740993,7]},
  {"name":"probabilities","datatype":"FP32","shape":[2,2],"data":[0.75,0.25,${Math.fround(0.1)},null]},
  {"name":"seen","datatype":"BYTES","shape":[2,1],"data":["x","y"]},
  {"name":"sure","datatype":"BOOL","shape":[2,1],"data":[true,false]},
  {"name":"score","datatype":"FP64","shape":[2,1],"data":[null,1e999]}]}`;
const verdict = (text: string) => verifyAnswer(statement, parseAnswer(text));

describe('an answer beside its receipt', () => {
  it('is the one that was signed, with every kind of value', () => {
    assert.deepEqual(verdict(answer), { answer: 'matches', reason: 'the outputs are those the gateway signed' });
  });

  it('is betrayed by every change', () => {
    const changes: [string, string, RegExp][] = [
      ['9007199254740993', '9007199254740992', /outputs of prediction p0/],
      ['0.25', '0.26', /outputs of prediction p0/],
      ['"y"', '"z"', /outputs of prediction p1/],
      ['[true,false]', '[true,true]', /outputs of prediction p1/],
      ['[true,false]', '[true]', /not of 2 rows/],
      ['"name":"seen"', '"name":"seem"', /^it shows only some|seen/],
      ['"model_version":"3"', '"model_version":"4"', /another version/],
      ['"p0,p1"', '"p1,p0"', /another prediction id/],
    ];
    for (const [from, to, reason] of changes) {
      const told = verdict(answer.replace(from, to));
      assert.notEqual(told.answer, 'matches', to);
      assert.match(told.reason, reason);
    }
  });

  it('is checked with the inputs when they stand beside it', () => {
    const withInputs = (data: string) =>
      answer.replace('"outputs"', `"request":{"inputs":[{"name":"speed","datatype":"FP32","shape":[2,1],"data":${data}}]},"outputs"`);
    assert.equal(verdict(withInputs('[[1.1],[2]]')).answer, 'matches');
    assert.match(verdict(withInputs('[1.1,3]')).reason, /inputs of prediction p1/);
  });

  it('is said not to have been checked where the receipt cannot tell', () => {
    assert.equal(verdict('{"parameters":{"receipt":"x"}}').answer, 'unchecked');
    assert.match(verdict('{"predictions":[],"receipts":["x"]}').reason, /words of records/);
    assert.match(verdict(answer.replace(/\{"name":"seen".*\},/, '')).reason, /only some of the outputs; seen/);
    assert.equal(verdict('{"outputs":[{"name":"y","datatype":"FP32","shape":[2,1]}]}').answer, 'unchecked');
  });
});

describe('an answer by records beside its receipt', () => {
  const words = [
    { label: 'yes', probabilities: { no: 0.25, yes: Math.fround(0.75) } },
    { value: 2 ** 70, outputs: { path: [1, null, 'Infinity'], id: '9007199254740993' } },
  ];
  const signed = { ...statement, rows: statement.rows.map((row, i) => ({ ...row, answer: hash(words[i], i) })) };
  const text = JSON.stringify({
    modelName: 'm',
    predictions: [
      { id: 'other', error: { code: 'x' } },
      ...words.map((said, i) => ({ id: `c${i}`, predictionId: ids[i], version: 3, ...said })),
      { predictionId: 'of another run', version: 4, label: 'no' },
    ],
  });
  const told = (of: ReceiptStatement, answer: string) => verifyAnswer(of, parseAnswer(answer));

  it('is the one that was signed, whatever stands beside its predictions', () => {
    assert.deepEqual(told(signed, text), { answer: 'matches', reason: '2 predictions are as the gateway signed' });
  });

  it('is betrayed by every change', () => {
    const changes: [string, string, RegExp][] = [
      ['"label":"yes"', '"label":"no"', /prediction p0 is not the one/],
      ['0.25', '0.5', /prediction p0 is not the one/],
      ['"id":"9007199254740993"', '"id":"9007199254740992"', /prediction p1 is not the one/],
      ['"version":3', '"version":4', /another version/],
      ['"modelName":"m"', '"modelName":"n"', /another model/],
      ['"predictionId":"p1"', '"predictionId":"p2"', /lacks prediction p1/],
    ];
    for (const [from, to, reason] of changes) {
      const verdict = told(signed, text.replace(from, to));
      assert.deepEqual([verdict.answer, reason.test(verdict.reason)], ['differs', true], `${to}: ${verdict.reason}`);
    }
  });

  it('is not checked by the receipt of a gateway that did not sign the words', () => {
    assert.equal(told(statement, text).answer, 'unchecked');
  });
});
