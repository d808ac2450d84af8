import { Injectable } from '@nestjs/common';

/** The only reader of the wall clock, so that tests can set the time. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
