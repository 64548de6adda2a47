/**
 * How much later pictures arrive than the quickest of the last half minute did: what the line and the buffers on it
 * add. Where the publisher changed, shown by a jump of the timestamps or by a pause, it starts again.
 */
class DelayMeter {
  constructor() { this.reset(); }

  reset() { this.last = this.lastAt = null; this.least = this.leastBefore = Infinity; this.since = 0; this.ms = 0; }

  picture(ptsMs, nowMs) {
    if (ptsMs === null) return;
    if (ptsMs < this.last - 1000 || ptsMs > this.last + 10000 || nowMs - this.lastAt > 3000) this.reset();
    this.last = ptsMs;
    this.lastAt = nowMs;
    const offset = nowMs - ptsMs;
    if (nowMs - this.since > 15000) { this.leastBefore = this.least; this.least = offset; this.since = nowMs; }
    this.least = Math.min(this.least, offset);
    this.ms = offset - Math.min(this.least, this.leastBefore);
  }
}
