import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { RolloutTracks } from './rollout-tracks.js';

const entry = (revision: number, modelName = 'm') => ({ modelName, revision });

describe('the tracks of rollouts', () => {
  it('are one per rollout', () => {
    const tracks = new RolloutTracks();
    const track = tracks.of('a', entry(1));
    assert.ok(track);
    assert.equal(tracks.of('a', entry(2)), track);
    assert.equal(tracks.find('a'), track);
  });

  it('end with the next rollout of their model, once they are written', () => {
    const tracks = new RolloutTracks();
    const [first, other] = [tracks.of('a', entry(1)), tracks.of('x', entry(1, 'n'))];
    assert.ok(first && other);
    first.isChanged = true;
    const second = tracks.of('b', entry(3));
    assert.deepEqual([...tracks.all()], [first, other, second]);
    first.isChanged = false;
    const third = tracks.of('c', entry(5));
    assert.deepEqual([...tracks.all()], [other, third]);
  });

  it('are not lost, nor a version that was cut off, by a late answer of the rollout before', () => {
    const tracks = new RolloutTracks();
    tracks.of('a', entry(1));
    const track = tracks.of('b', entry(3));
    assert.ok(track);
    track.trip = { cause: 'error-burst', reasons: ['r'] };
    assert.equal(tracks.of('a', entry(2)), undefined);
    assert.equal(tracks.find('b')?.trip?.cause, 'error-burst');
    assert.equal(tracks.find('a'), undefined);
  });
});
