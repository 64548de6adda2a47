// The page itself: asks `/<app>/<stream>.json` first and starts JSMpeg only for what JSMpeg can play; for anything else
// it says what comes in and how to push it instead. It owns the WebSocket and looks at each packet on its way to JSMpeg,
// because one MPEG-2 picture, one cut picture or one change of size stops JSMpeg, and often the tab, for good.
//
//     decide.js   report of the node -> what to do and what to say          pure
//     filter.js   packets -> those of one video and one sound PID           pure
//     meter.js    timestamps and arrivals -> milliseconds behind the head   pure
//     decoder.js  one JSMpeg.Player with clean state, thrown away at every change
//     player.js   asks, connects, shows
//
// The node serves them as one script, in this order.

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
        this.decoder.guessesEnds = this.filter.showsEnds;
        const stop = this.filter.filter(bytes, run => this.decoder.write(run), pts => {
          this.decoder.backlog += this.filter.hasVideo ? 1 : 0;
          if (pts - this.meter.last > 300 && this.meter.last !== null && this.filter.hasVideo) this.askWhy();
          this.meter.picture(pts, performance.now());
        });
        // Then it has just taken half a picture for a whole one.
        if (this.decoder.guessesEnds && !this.filter.showsEnds) this.startDecoder();
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

window.page = new Page();
