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
    this.guessesEnds = false;  // else JSMpeg waits for the next picture to take one as whole
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
    if (!this.demuxer) return;
    this.demuxer.guessVideoFrameEnd = this.guessesEnds;
    this.demuxer.write(run);
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
