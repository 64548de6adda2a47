'use strict';
// The player page of a node.
//
// It asks `/<app>/<stream>.json` first and starts JSMpeg only for what JSMpeg can play; for anything else it says what
// comes in and how to push it instead. It owns the WebSocket and looks at each packet on its way to JSMpeg, because
// one MPEG-2 picture, one cut picture or one change of size stops JSMpeg, and often the tab, for good.
//
//     decide()      report of the node -> what to do and what to say          pure
//     PacketFilter  packets -> those of one video and one sound PID           pure
//     DelayMeter    timestamps and arrivals -> milliseconds behind the head   pure
//     Decoder       one JSMpeg.Player with clean state, thrown away at every change
//     Page          asks, connects, shows

const packetBytes = 188;
const names = {
  mpeg1: 'MPEG-1', mpeg2: 'MPEG-2', h264: 'H.264', hevc: 'HEVC', mp2: 'MP2', mp3: 'MP3',
  aac: 'AAC', ac3: 'AC-3', other: 'an unknown codec', unknown: 'not known yet', none: 'none',
};
const nameOf = codec => names[codec] || String(codec).toUpperCase();

/** Milliseconds as a person says them. */
function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

/** The ffmpeg line whose stream this page can play, at the address of this node's way in. */
function pushLine(push, hostname) {
  const to = !push ? 'tcp://NODE:50001'
    : push.tcp ? `tcp://${hostname}:${push.tcp}`
    : push.udp ? `"udp://${hostname}:${push.udp}?pkt_size=1316"`
    : push.http ? `http://${hostname}:${push.http}/SECRET`
    : 'tcp://FIRST-NODE:50001';
  return 'ffmpeg -re -i INPUT -c:v mpeg1video -b:v 2M -r 25 -g 25 -bf 0 '
    + `-c:a mp2 -b:a 128k -ar 44100 -ac 2 -f mpegts ${to}`;
}

/**
 * What to do with a stream and what to say about it.
 *
 * `report` is the body of `.json`, null when the node has no such stream, undefined when the node did not answer;
 * `place` is {stream, hostname, origin}. `action`: `play` connects, `keep` leaves an open connection as it is and opens
 * none, `stop` closes. `state` is one word for the badge.
 */
function decide(report, place) {
  const say = (action, state, title, text, commands = []) => ({action, state, title, text, commands, notes: []});
  if (report === undefined) {
    return say('keep', 'no answer', 'The node does not answer', 'This page keeps asking and starts by itself.');
  }
  if (report === null) {
    return say('stop', 'no stream', 'No such stream',
      `Nobody publishes ${place.stream} on this node. This page keeps asking and starts by itself.`);
  }
  const video = (report.video || {}).codec || 'unknown';
  const audio = (report.audio || []).map(track => track.codec);
  const push = {label: 'Push it like this (-re is for files only; INPUT is yours):', line: pushLine(report.push, place.hostname)};
  const watch = {label: 'Or watch it as it is, outside the browser:', line: `ffplay ${place.origin}/${place.stream}.ts`};

  if (report.player && report.player.jsmpeg === false) {
    return say('stop', 'refused', 'JSMpeg is not installed on this node',
      'The page plays with JSMpeg, a file that the node serves but does not bring along. Fetch it on the node. If the '
      + 'configuration does not name the file yet, as Script in [player], name it there and start the node again.',
      [{label: 'On the node:', line: 'deploy/get-jsmpeg.sh'}, watch]);
  }
  if (report.state === 'waiting' && report.publisher) {
    return say('keep', 'silent', 'The publisher sends nothing',
      `It is connected, but nothing has come for ${span(report.since)}. The picture goes on by itself when something does.`);
  }
  if (report.state === 'waiting') {
    return say('keep', 'waiting', 'No publisher',
      `Nobody has sent to ${place.stream} for ${span(report.since)}. The picture starts by itself when someone does.`,
      [{...push, label: 'To send something (-re is for files only; INPUT is yours):'}]);
  }
  if (report.state === 'gone') {
    return say('keep', 'gone', 'The publisher is gone',
      `It stopped ${span(report.since)} ago. The picture goes on by itself when it comes back.`);
  }
  if (report.scrambled) {
    return say('stop', 'refused', 'The stream is scrambled', 'Its packets are encrypted; only the receiver it was made for can show it.');
  }
  if (video === 'unknown') {
    return say('keep', 'looking', 'Looking at the stream', 'Packets come in; which codec they carry is not known yet.');
  }
  if (video === 'none' && !audio.includes('mp2')) {
    return say('stop', 'refused', audio.length ? `The stream is sound only, as ${nameOf(audio[0])}` : 'Nothing to play in this stream',
      'This page plays MPEG-1 video and MP2 sound.', [push, watch]);
  }
  if (video !== 'none' && video !== 'mpeg1') {
    const why = video === 'mpeg2'
      ? "That is ffmpeg's default for mpegts. JSMpeg would stop the whole tab on it; it plays MPEG-1 video and MP2 sound."
      : 'JSMpeg would stay black; it plays MPEG-1 video and MP2 sound.';
    return say('stop', 'refused', `The video is ${nameOf(video)}`, why, [push, watch]);
  }

  const view = video === 'none'
    ? say('play', 'live', 'Sound only', 'This stream carries no picture.')
    : say('play', 'live', 'Waiting for a key picture', 'The picture starts at the next one.');
  if (report.programs > 1) {
    view.notes.push(`The stream carries ${report.programs} programs. JSMpeg would mix them; this page shows the first.`);
  }
  if (video === 'mpeg1' && audio.length && !audio.includes('mp2')) {
    view.notes.push(`The sound is ${nameOf(audio[0])}; only MP2 can be heard here (-c:a mp2).`);
  } else if (audio.length > 1 && !(report.programs > 1)) {
    view.notes.push(`The stream carries ${audio.length} sound tracks. JSMpeg would mix them; this page plays the first MPEG one.`);
  }
  if (report.video && report.video.gopMs > 2500) {
    view.notes.push(`A key picture comes only every ${span(report.video.gopMs)}, so the start may take that long (-g 25).`);
  }
  return view;
}

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
      const kept = !stop && (pid === this.videoPID || pid === this.audioPID);
      if (kept && from < 0) from = at;
      if (!kept && from >= 0) { onRun(bytes.subarray(from, at)); from = -1; }
      if (stop) return {kind: stop, at};
    }
    if (from >= 0) onRun(bytes.subarray(from));
    return null;
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

/** One JSMpeg.Player with clean state, fed by hand and never reconnected. */
class Decoder {
  constructor(holder, onFirstPicture) {
    const canvas = this.canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'Live picture');
    holder.replaceChildren(canvas);
    this.backlog = 0;
    this.pictures = 0;
    this.isStarted = false;
    this.early = [];
    const decoder = this;
    const source = {
      streaming: true, established: false, completed: false, progress: 0,
      connect(demuxer) { decoder.demuxer = demuxer; },
      start() { decoder.isStarted = true; decoder.early.splice(0).forEach(run => decoder.write(run)); },
      resume() {},
      destroy() { decoder.demuxer = null; },
    };
    this.source = source;
    const options = {
      source: function () { return source; }, canvas, pauseWhenHidden: false, videoBufferSize: 1 << 20,
      disableGl: !Decoder.drawsWithGL(),
    };
    try {
      this.player = new JSMpeg.Player('', options);
    } catch (error) {
      this.player = new JSMpeg.Player('', {...options, disableGl: true});  // no context left
    }
    const video = this.player.video, decode = video.decode;
    video.decode = () => {
      const done = decode.call(video);
      this.backlog = done === false ? 0 : Math.max(0, this.backlog - 1);
      return done;
    };
    const renderer = this.player.renderer, render = renderer.render;
    renderer.render = function () {
      if (decoder.pictures++ === 0) onFirstPicture();
      return render.apply(renderer, arguments);
    };
    this.setSound(false);
  }

  /** Asks once: each question makes a WebGL context, and a browser takes the oldest away when there are sixteen. */
  static drawsWithGL() {
    if (Decoder.hasGL === undefined) Decoder.hasGL = JSMpeg.Renderer.WebGL.IsSupported();
    JSMpeg.Renderer.WebGL.IsSupported = () => Decoder.hasGL;
    return Decoder.hasGL;
  }

  write(run) {
    if (!this.isStarted) {  // a WebAssembly build compiles first
      if (this.early.push(run) > 1000) throw new Error('JSMpeg does not start');
      return;
    }
    this.source.established = true;
    this.source.progress = 1;
    if (this.demuxer) this.demuxer.write(run);
  }

  /** JSMpeg decodes one picture per frame of the screen; this decodes the rest of a burst in what is left of it. */
  catchUp() {
    const until = performance.now() + 8;
    this.player.renderer.enabled = false;
    while (this.backlog > 3 && performance.now() < until) this.player.video.decode();
    this.player.renderer.enabled = true;
  }

  /** Silent, JSMpeg only counts the time of the sound: a context that may not play would keep every buffer for ever. */
  setSound(on) {
    const out = this.player.audioOut;
    if (!out) return;
    out.unlocked = false;
    if (!on) { out.stop(); return; }
    out.context.resume().then(() => { out.unlocked = out.context.state === 'running'; });
  }

  destroy() {
    const gl = this.player.renderer.gl, lose = gl && gl.getExtension('WEBGL_lose_context');
    try { this.player.destroy(); } catch (error) { /* without WebAudio the 2017 build fails at its last line */ }
    if (lose) lose.loseContext();  // else it counts until the garbage collector comes by
  }
}

/** Asks the node, connects, shows. */
class Page {
  constructor() {
    const path = location.pathname.split('/').filter(Boolean);
    // Only the node's own alphabet: the name goes into lines that people paste into a shell.
    const isName = path.length === 2 && path.every(part => /^[A-Za-z0-9._-]{1,64}$/.test(part));
    this.stream = isName ? path.join('/') : 'live/main';
    this.place = {stream: this.stream, hostname: location.hostname, origin: location.origin};
    this.element = id => document.getElementById(id);
    this.meter = new DelayMeter();
    this.soundOn = false;
    this.failures = 0;
    this.skippedSeen = this.slowUntil = this.askedWhyUntil = 0;
    this.report = undefined;

    if (new URLSearchParams(location.search).has('embed')) document.documentElement.classList.add('embed');
    this.element('stream').textContent = this.stream;
    document.title = `${this.stream} · tsrelay`;
    this.showEmbedLine();
    this.element('sound').onclick = () => this.setSound(!this.soundOn);
    this.element('full').onclick = () => this.toggleFullScreen();
    this.element('full').hidden = !document.fullscreenEnabled;
    this.element('facts').ontoggle = () => this.askSoon(0);
    document.addEventListener('keydown', event => this.keyPressed(event));
    document.addEventListener('visibilitychange', () => this.visibilityChanged());
    const frame = () => { requestAnimationFrame(frame); if (this.decoder) this.decoder.catchUp(); };
    requestAnimationFrame(frame);
    setInterval(() => { this.noticeSilence(); this.showDelay(); }, 500);
    this.visibilityChanged();
  }

  // Asking

  /** In a hidden tab nothing is decoded, so nothing is fetched; a shown one starts afresh at the live edge. */
  visibilityChanged() {
    if (document.visibilityState === 'hidden') {
      clearTimeout(this.timer);
      this.disconnect();
    } else {
      this.failures = 0;
      this.ask();
    }
  }

  askSoon(ms) {
    clearTimeout(this.timer);
    if (document.visibilityState !== 'hidden') this.timer = setTimeout(() => this.ask(), ms);
  }

  async ask() {
    clearTimeout(this.timer);
    const asked = this.asked = {};
    let report;
    const limit = new AbortController();
    const timeout = setTimeout(() => limit.abort(), 5000);
    try {
      const query = this.token ? `?viewer=${this.token}` : '';
      const answer = await fetch(`/${this.stream}.json${query}`, {cache: 'no-store', signal: limit.signal});
      if (answer.status === 404) report = null;
      else if (answer.ok) report = await answer.json();
    } catch (error) { /* shown as no answer */ }
    clearTimeout(timeout);
    if (asked !== this.asked || document.visibilityState === 'hidden') return;
    const silentMs = performance.now() - this.lastBytesAt;
    if (report !== undefined || !this.socket || silentMs > 3000) {  // one lost answer is no news while the picture runs
      this.report = report;
      this.view = decide(report, this.place);
    }
    if (this.view.action === 'stop') this.disconnect();
    const isOff = ['gone', 'waiting', 'silent'].includes(this.view.state);
    if (isOff) this.meter.reset();
    if (this.socket && !isOff && silentMs > 10000) this.disconnect();
    if (this.view.action === 'play' && !this.socket) await this.connect();
    this.show();
    // While the picture runs, ten thousand open pages should not be ten thousand questions every two seconds.
    const quiet = this.hasPicture() && this.view.state === 'live' && !this.element('facts').open;
    this.askSoon((quiet ? 6000 : 2000) * (0.75 + Math.random() / 2));
  }

  // Connecting

  async loadJSMpeg() {
    if (window.JSMpeg) return true;
    return new Promise(resolve => {
      const script = document.createElement('script');
      script.src = '/player/jsmpeg.js';
      script.onload = () => resolve(!!window.JSMpeg);
      script.onerror = () => { script.remove(); resolve(false); };
      document.head.append(script);
    });
  }

  async connect() {
    if (!await this.loadJSMpeg()) {
      this.view = decide({player: {jsmpeg: false}}, this.place);
      return;
    }
    if (this.socket || document.visibilityState === 'hidden') return;
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    this.token = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => letters[byte % 62]).join('');
    this.skippedSeen = this.slowUntil = 0;
    this.filter = new PacketFilter();
    this.meter.reset();
    this.lastBytesAt = performance.now();
    this.startDecoder();
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = this.socket = new WebSocket(`${scheme}://${location.host}/${this.stream}?viewer=${this.token}`);
    const began = performance.now();
    let isOpen = false;
    socket.onopen = () => { isOpen = true; this.isRefused = false; };
    socket.binaryType = 'arraybuffer';
    socket.onmessage = event => { if (this.socket === socket) this.receive(new Uint8Array(event.data)); };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.disconnect();
      this.isRefused = !isOpen;
      // Full jitter: a node that comes back must not meet all its viewers at one moment.
      this.failures = performance.now() - began > 10000 ? 0 : this.failures + 1;
      this.askSoon(Math.random() * Math.min(250 << Math.min(this.failures, 5), 5000));
      this.show();
    };
  }

  disconnect() {
    const socket = this.socket;
    this.socket = this.token = null;
    if (socket) socket.close();
    this.stopDecoder();
  }

  startDecoder() {
    this.stopDecoder();
    this.decoder = new Decoder(this.element('screen'), () => this.show());
    this.decoder.setSound(this.soundOn);
    const decoder = this.decoder;
    decoder.canvas.addEventListener('webglcontextlost', () => {
      if (this.decoder === decoder) this.reconnect();  // it would never draw again
    });
  }

  stopDecoder() {
    if (this.decoder) this.decoder.destroy();
    this.decoder = null;
    this.element('screen').replaceChildren();
  }

  reconnect() {
    this.disconnect();
    this.askSoon(500);
  }

  receive(bytes) {
    this.lastBytesAt = performance.now();
    if (this.view.state !== 'live') this.askWhy();
    try {
      while (this.decoder && bytes.length) {
        const stop = this.filter.filter(bytes, run => this.decoder.write(run), pts => {
          this.decoder.backlog += this.filter.hasVideo ? 1 : 0;
          if (pts - this.meter.last > 300 && this.meter.last !== null && this.filter.hasVideo) this.askWhy();
          this.meter.picture(pts, performance.now());
        });
        if (!stop) return;
        if (stop.kind !== 'size') return this.refuse(stop.kind);
        bytes = bytes.subarray(stop.at);
        this.filter.sequence = '';
        this.startDecoder();  // JSMpeg reads the size once and writes outside its planes when it changes
      }
    } catch (error) {
      console.warn('JSMpeg failed, starting it again:', error);
      this.reconnect();
    }
  }

  /** Asks the node sooner than it would; spread, because all viewers may see the same thing at once. */
  askWhy() {
    if (performance.now() < this.askedWhyUntil) return;
    this.askedWhyUntil = performance.now() + 3000;
    this.askSoon(Math.random() * 1000);
  }

  noticeSilence() {
    if (this.hasPicture() && this.view.state === 'live' && performance.now() - this.lastBytesAt > 2200) this.askWhy();
  }

  /** The bytes say something else than the last report: stop now, and let the next report say what it is. */
  refuse(kind) {
    this.disconnect();
    this.view = decide({state: 'live', video: {codec: kind}, push: (this.report || {}).push}, this.place);
    this.show();
    this.askSoon(1000 + Math.random() * 500);
  }

  // Showing

  hasPicture() { return !!this.decoder && this.decoder.pictures > 0; }

  set(id, text) { if (this.element(id).textContent !== text) this.element(id).textContent = text; }

  show() {
    const view = this.view, report = this.report || {};
    if (!view) return;
    const runs = this.hasPicture() && view.state === 'live';
    this.set('state', view.state);
    this.element('state').dataset.state = view.state;
    this.element('stage').dataset.picture = this.hasPicture() ? 'yes' : 'no';
    this.element('message').hidden = runs;
    const isRefused = this.isRefused && view.action === 'play';
    this.set('title', isRefused ? 'The WebSocket is refused' : view.title);
    this.set('text', isRefused ? 'By a proxy that does not pass Upgrade, or by the node, because it has no room. This page tries again.'
      : view.text);
    this.showCommands(view.commands);
    if (this.notes !== view.notes.join('\n')) {
      this.notes = view.notes.join('\n');
      this.element('notes').replaceChildren(...view.notes.map(note => this.make('li', note)));
    }
    this.element('sound').disabled = view.action !== 'play' && !this.decoder;

    const skipped = (report.viewer || {}).skippedPictures || 0;
    if (skipped > this.skippedSeen) this.slowUntil = performance.now() + 15000;
    this.skippedSeen = skipped;
    this.element('slow').hidden = !runs || performance.now() > this.slowUntil;
    this.set('slow', `Your line is too slow: ${skipped} picture${skipped === 1 ? '' : 's'} skipped`);
    this.showFacts(report);
    this.showDelay();
  }

  showCommands(commands) {
    const key = JSON.stringify(commands);
    if (this.commandsShown === key) return;  // a reader may be marking one
    this.commandsShown = key;
    const rows = commands.flatMap(({label, line}) => {
      const row = this.make('div');
      row.className = 'line';
      row.append(this.make('code', line), this.copyButton(line));
      return [this.make('p', label), row];
    });
    this.element('commands').replaceChildren(...rows);
  }

  showDelay() {
    const video = (this.report || {}).video || {}, viewer = (this.report || {}).viewer || {};
    const runs = this.decoder && (this.view || {}).state === 'live' && this.meter.last !== null;
    if (!runs) { this.set('delay', ''); return; }
    const behind = Math.max(viewer.lagMs || 0, this.meter.ms) + this.decoder.backlog * 1000 / (video.fps || 25);
    this.set('delay', `${Math.round(behind / 10) * 10} ms behind`);
  }

  showFacts(report) {
    if (!this.element('facts').open || !report.state) return;
    const video = report.video || {}, publisher = report.publisher, viewer = report.viewer, rows = [];
    const row = (name, value) => { if (value) rows.push(this.make('dt', name), this.make('dd', String(value))); };
    row('State', `${report.state} for ${span(report.since)}`);
    row('Publisher', publisher ? `by ${publisher.from}, for ${span(publisher.connectedMs)}, ${publisher.kbps} kbit/s` : 'none');
    const hasVideo = video.codec !== 'none';  // of sound alone the node counts frames as pictures
    row('Video', [nameOf(video.codec), video.width && `${video.width} × ${video.height}`,
      hasVideo && video.fps && `${video.fps} pictures/s`].filter(Boolean).join(', '));
    row('Key picture', hasVideo && video.gopMs && `every ${video.gopMs} ms (${video.gopPictures} pictures)`);
    row('Sound', (report.audio || []).map(track => nameOf(track.codec)).join(', ') || 'none');
    row('Viewers', `${report.viewers}`);
    row('Errors', report.errors && `${report.errors.continuity} gaps, ${report.errors.transport} marked by the sender`);
    row('Dropped', report.drops && `${report.drops.pictures} pictures, ${report.drops.packets} packets`);
    row('Skipped for you', viewer && `${viewer.skippedPictures} pictures`);
    row('Behind the head', viewer && `${viewer.lagMs} ms on the node`);
    this.element('facts').querySelector('dl').replaceChildren(...rows);
  }

  showEmbedLine() {
    const address = `${location.origin}/${this.stream}?embed=1`;
    const line = `<iframe src="${address}" width="640" height="400" style="border:0" `
      + 'allow="autoplay; fullscreen"></iframe>';
    this.element('iframe').textContent = line;
    this.element('iframe').after(this.copyButton(line));
  }

  make(tag, text = '') {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  }

  /** The clipboard exists on secure origins only; elsewhere the text is marked and copied the old way. */
  copyButton(text) {
    const button = this.make('button', 'Copy');
    button.type = 'button';
    button.onclick = async () => {
      let done = false;
      if (navigator.clipboard) done = await navigator.clipboard.writeText(text).then(() => true, () => false);
      if (!done) {
        getSelection().selectAllChildren(button.parentElement.querySelector('code'));
        done = document.execCommand('copy');
      }
      button.textContent = done ? 'Copied' : 'Marked';
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    };
    return button;
  }

  // Commands of the viewer

  setSound(on) {
    this.soundOn = on;
    this.element('sound').textContent = on ? 'Sound off' : 'Sound on';
    this.element('sound').setAttribute('aria-pressed', String(on));
    if (this.decoder) this.decoder.setSound(on);
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.element('stage').requestFullscreen().catch(() => { this.element('full').hidden = true; });
  }

  keyPressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'm') this.setSound(!this.soundOn);
    if (event.key === 'f') this.toggleFullScreen();
  }
}

if (typeof module === 'undefined') window.page = new Page();
else module.exports = {decide, pushLine, span, PacketFilter, DelayMeter};
