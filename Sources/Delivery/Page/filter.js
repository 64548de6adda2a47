const packetBytes = 188;

/**
 * Lets through one video PID and one sound PID: those of the first program (ISO/IEC 13818-1 2.4.4), or, before a PMT
 * was seen, the first that start a PES packet of that kind. JSMpeg knows only stream ids, so a second one would be
 * mixed into the first and break it.
 *
 * `filter(bytes, onRun, onPicture)` calls onRun with runs of kept packets, onPicture(ptsMs) at each start of a picture
 * (of a sound PES when there is no video), and returns null, or what stopped it, with `at`, the byte offset there:
 * {kind, at}: kind is the codec that JSMpeg must not get, or 'size'. Nothing behind `at` was let through; after 'size' a
 * new decoder may go on there.
 */
class PacketFilter {
  constructor() {
    this.pmtPID = this.videoPID = this.audioPID = -1;
    this.hasVideo = false;
    this.showsEnds = false;
    this.endShown = false;  // of the present picture
    this.picturesWell = 0;
    this.sequence = '';  // size, aspect and rate of the sequence header that the decoder was started with
  }

  filter(bytes, onRun, onPicture) {
    if (bytes.length % packetBytes || bytes[0] !== 0x47) { onRun(bytes); return null; }  // not cut at packets: not ours
    let from = -1;
    for (let at = 0; at < bytes.length; at += packetBytes) {
      const pid = (bytes[at + 1] & 0x1f) << 8 | bytes[at + 2];
      const starts = bytes[at + 1] & 0x40;
      const field = bytes[at + 3] & 0x30;
      const payload = at + 4 + (field & 0x20 ? 1 + bytes[at + 4] : 0), end = at + packetBytes;
      let stop = null;
      if (starts && field & 0x10 && payload + 9 < end) {
        if (pid === 0) this.readPAT(bytes, payload, end);
        else if (pid === this.pmtPID) stop = this.readPMT(bytes, payload, end);
        else stop = this.readPES(bytes, pid, payload, end, onPicture);
      }
      if (pid === this.videoPID && field & 0x10) this.watchEnd(starts, field & 0x20);
      const kept = !stop && (pid === this.videoPID || pid === this.audioPID);
      if (kept && from < 0) from = at;
      if (!kept && from >= 0) { onRun(bytes.subarray(from, at)); from = -1; }
      if (stop) return {kind: stop, at};
    }
    if (from >= 0) onRun(bytes.subarray(from));
    return null;
  }

  /**
   * Whether an adaptation field is only in the last packet of a picture, so that a decoder may take it for the end.
   * Constant rate streams (-muxrate) have them in the middle too. Trusted after a second of good pictures.
   */
  watchEnd(starts, hasField) {
    if (starts) {
      if (this.endShown && ++this.picturesWell === 25) this.showsEnds = true;
    } else if (this.endShown) {
      this.picturesWell = -Infinity;
      this.showsEnds = false;
    }
    this.endShown = !starts && !!hasField;
  }

  /** Takes the first program of the PAT; 0 is the network's entry. */
  readPAT(bytes, payload, end) {
    const section = payload + 1 + bytes[payload];
    const last = Math.min(end, section + 3 + ((bytes[section + 1] & 0x0f) << 8 | bytes[section + 2]) - 4);
    for (let p = section + 8; p + 4 <= last; p += 4) {
      if (!(bytes[p] | bytes[p + 1])) continue;
      this.pmtPID = (bytes[p + 2] & 0x1f) << 8 | bytes[p + 3];
      return;
    }
  }

  /** Takes the first video (types 1 and 2; ffmpeg writes 2 for MPEG-1 too) and the first MPEG sound (3 and 4). */
  readPMT(bytes, payload, end) {
    const section = payload + 1 + bytes[payload];
    const last = section + 3 + ((bytes[section + 1] & 0x0f) << 8 | bytes[section + 2]) - 4;
    if (bytes[section] !== 2 || last > end) return null;  // a PMT of several packets: the first PES packets decide
    let video = -1, audio = -1, other = null;
    let p = section + 12 + ((bytes[section + 10] & 0x0f) << 8 | bytes[section + 11]);
    for (; p + 5 <= last; p += 5 + ((bytes[p + 3] & 0x0f) << 8 | bytes[p + 4])) {
      const pid = (bytes[p + 1] & 0x1f) << 8 | bytes[p + 2];
      if (video < 0 && (bytes[p] === 1 || bytes[p] === 2)) video = pid;
      if (bytes[p] === 0x1b || bytes[p] === 0x24) other = bytes[p] === 0x1b ? 'h264' : 'hevc';
      if (audio < 0 && (bytes[p] === 3 || bytes[p] === 4)) audio = pid;
    }
    this.videoPID = video;
    this.audioPID = audio;
    this.hasTables = true;
    this.hasVideo = video >= 0;
    return video < 0 ? other : null;
  }

  readPES(bytes, pid, payload, end, onPicture) {
    if (bytes[payload] || bytes[payload + 1] || bytes[payload + 2] !== 1) return null;
    const isVideo = bytes[payload + 3] >> 4 === 0xe, isAudio = bytes[payload + 3] >> 5 === 6;
    if (!this.hasTables && isVideo && this.videoPID < 0) { this.videoPID = pid; this.hasVideo = true; }
    if (!this.hasTables && isAudio && this.audioPID < 0) this.audioPID = pid;
    if (pid !== this.videoPID && pid !== this.audioPID) return null;
    if (isVideo && pid === this.videoPID) {
      const stop = this.readVideo(bytes, payload + 9 + bytes[payload + 8], end);
      if (stop) return stop;
    }
    if (isVideo === this.hasVideo && bytes[payload + 7] & 0x80 && payload + 14 <= end) {
      const b = i => bytes[payload + 9 + i];
      // 33 bits: a shift would cut them to 32.
      const pts = ((b(0) >> 1 & 7) * 0x40000000) + (b(1) << 22 | b(2) >> 1 << 15 | b(3) << 7 | b(4) >> 1);
      onPicture(pts / 90);
    } else if (isVideo === this.hasVideo) {
      onPicture(null);
    }
    return null;
  }

  /** Looks at the start codes in the first packet of a video PES packet. */
  readVideo(bytes, from, end) {
    let before = -1;
    for (let i = from; i + 3 < end; i++) {
      if (bytes[i] || bytes[i + 1] || bytes[i + 2] !== 1) continue;
      const code = bytes[i + 3];
      // What H.264 (delimiter, SEI, SPS, IDR) and HEVC (VPS, SPS, delimiter) begin with; a slice row of MPEG-1
      // may have the same number, but never first in a picture.
      if (before < 0 && i - from < 2 && [9, 6, 0x27, 0x47, 0x67, 0x25, 0x65, 0x40, 0x42, 0x46].includes(code)) return 'other';
      if (before >= 0 && code === 0xb5) return 'mpeg2';  // an extension exists in MPEG-2 only
      if (code === 0xb3 && i + 11 < end) {
        const sequence = [...bytes.subarray(i + 4, i + 8), bytes[i + 11] & 3].join();
        if (this.sequence && this.sequence !== sequence) return 'size';
        this.sequence = sequence;
      }
      if (code && code < 0xb0) return null;  // the first slice: no header follows
      before = code;
      i += 3;
    }
    return null;
  }
}
