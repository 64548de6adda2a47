// The pure part of the relay that knows MPEG-2 transport streams (ISO/IEC 13818-1). Bytes go in as they were read,
// whole packets come out, and every packet that matters to the relay is named. Nothing here has a socket, a clock or
// a thread, and no input can trap it.
//
//     var aligner = PacketAligner()
//     var analyzer = StreamAnalyzer()
//     var events: [PacketEvent] = []
//
//     aligner.align(bytesOfOneRead) { run in  // whole packets of 188 bytes
//         events.removeAll(keepingCapacity: true)
//         analyzer.analyze(run, into: &events)
//         for event in events where event.flags.contains(.pictureStart) {
//             cut(run, before: Int(event.index) * TSPacket.size)
//         }
//     }
//     analyzer.info.videoCodec  // .mpeg1, once the first sequence header came
//
// In reading order:
//   `TSPacket`, `PacketHeader`                     the packet and its first bytes
//   `PacketAligner`, `RTPHeader`                   bytes of any cut to runs of packets
//   `StreamAnalyzer`                               runs of packets to `PacketEvent`s and `StreamInfo`
//     `PIDTable`, `ContinuityCounter`              what is known of each PID
//     `SectionAssembler`, `ProgramAssociation`, `ProgramMap`
//     `PESHeader`, `PESProgress`, `PictureScanner` where a picture starts and ends, and where decoding can start
//   `ChunkMark`, `PictureGate`, `GateQueue`        what passes to players that die of one torn picture
//     `MPEG1Check`, `MPEG1SliceReader`, `MPEG1Codes` whether a decoder can read a picture to its end
