/// Reads the macroblocks of one slice past (ISO/IEC 11172-2 2.4.2.6 to 2.4.2.8).
struct MPEG1SliceReader {
    private let codes = MPEG1Codes.shared

    /// Reads a slice behind its start code.
    ///
    /// - Parameters:
    ///   - place: of the first byte; afterwards of the first byte behind the slice.
    ///   - row: number of the first macroblock of the row in which the slice begins.
    ///   - expected: number of the macroblock with which it must begin.
    ///   - macroblocks: of the picture.
    /// - Returns: number of the macroblock behind the slice; nil when the slice is not sound.
    func read(
        _ bytes: Span<UInt8>, _ place: inout Int, _ picture: MPEG1PictureHeader, from row: Int, expected: Int,
        macroblocks: Int
    ) -> Int? {
        var reader = BitReader(at: place)
        reader.fill(bytes)
        guard reader.take(5) > 0, reader.skipExtraInformation(bytes) else { return nil }
        var address = row - 1
        var isFirst = true
        repeat {
            guard let increment = readIncrement(&reader, bytes, max: macroblocks) else { return nil }
            address += increment
            // Only the first macroblock's place is free, and only pictures with a reference can leave some out.
            let isPlaced = isFirst ? address == expected : increment == 1 || picture.kind != .intra
            guard isPlaced, address < macroblocks, readMacroblock(&reader, bytes, picture) else { return nil }
            isFirst = false
            reader.fill(bytes)
            // 23 zeros are no macroblock: they lead to the next start code, or to the end.
        } while reader.window >> 41 != 0
        guard !reader.isOverdrawn else { return nil }
        place = reader.byteIndex
        return address + 1
    }

    /// - Returns: how far the next macroblock lies behind the last; nil beyond `max` or for a code that does not exist.
    private func readIncrement(_ reader: inout BitReader, _ bytes: Span<UInt8>, max: Int) -> Int? {
        var escapes = 0
        while escapes <= max {
            reader.fill(bytes)
            let code = codes.increments.lookup(UInt16(reader.window >> 48))
            guard code.length > 0 else { return nil }
            reader.skip(Int(code.length))
            switch code.value {
            case MPEG1Codes.stuffing: break
            case MPEG1Codes.incrementEscape: escapes += 33
            default: return escapes + Int(code.value)
            }
        }
        return nil
    }

    private func readMacroblock(
        _ reader: inout BitReader, _ bytes: Span<UInt8>, _ picture: MPEG1PictureHeader
    ) -> Bool {
        let types =
            switch picture.kind {
            case .intra: codes.intraTypes
            case .predicted: codes.predictedTypes
            case .bidirectional: codes.bidirectionalTypes
            }
        reader.fill(bytes)
        let type = types.lookup(UInt16(reader.window >> 48))
        guard type.length > 0 else { return false }
        reader.skip(Int(type.length))
        let parts = MPEG1Codes.Parts(rawValue: type.value)
        if parts.contains(.quantizer), reader.take(5) == 0 { return false }
        if parts.contains(.forward), !readVector(&reader, bytes, bits: picture.forwardBits) { return false }
        if parts.contains(.backward), !readVector(&reader, bytes, bits: picture.backwardBits) { return false }

        if parts.contains(.intra) {
            for block in 0..<6 {
                let sizes = block < 4 ? codes.luminanceSizes : codes.chrominanceSizes
                guard readIntraBlock(&reader, bytes, sizes) else { return false }
            }
        } else if parts.contains(.pattern) {
            reader.fill(bytes)
            let pattern = codes.patterns.lookup(UInt16(reader.window >> 48))
            guard pattern.length > 0 else { return false }
            reader.skip(Int(pattern.length))
            for block in 0..<6 where pattern.value & (0x20 >> UInt8(block)) != 0 {
                guard readPredictedBlock(&reader, bytes) else { return false }
            }
        }
        return true
    }

    /// Two motion codes, each with the bits that make it finer.
    private func readVector(_ reader: inout BitReader, _ bytes: Span<UInt8>, bits: Int) -> Bool {
        for _ in 0..<2 {
            reader.fill(bytes)
            let code = codes.motions.lookup(UInt16(reader.window >> 48))
            guard code.length > 0 else { return false }
            reader.skip(Int(code.length) + (code.value == 0 ? 0 : bits))
        }
        return true
    }

    private func readIntraBlock(_ reader: inout BitReader, _ bytes: Span<UInt8>, _ sizes: CodeTable) -> Bool {
        reader.fill(bytes)
        let size = sizes.lookup(UInt16(reader.window >> 48))
        guard size.length > 0 else { return false }
        reader.skip(Int(size.length) + Int(size.value))
        return readCoefficients(&reader, bytes, after: 0)
    }

    private func readPredictedBlock(_ reader: inout BitReader, _ bytes: Span<UInt8>) -> Bool {
        reader.fill(bytes)
        guard reader.window >> 63 == 1 else { return readCoefficients(&reader, bytes, after: -1) }
        reader.skip(2)  // run 0, level 1, and its sign
        return readCoefficients(&reader, bytes, after: 0)
    }

    /// Reads to the end of the block.
    ///
    /// - Parameter index: of the last coefficient that was read, in the order of the scan.
    private func readCoefficients(_ reader: inout BitReader, _ bytes: Span<UInt8>, after index: Int) -> Bool {
        var index = index
        while true {
            reader.fill(bytes)
            let code = codes.coefficients.lookup(UInt16(reader.window >> 48))
            guard code.length > 0, !reader.isOverdrawn else { return false }
            reader.skip(Int(code.length))
            switch code.value {
            case MPEG1Codes.endOfBlock:
                return true
            case MPEG1Codes.escape:
                index += reader.take(6) + 1
                let level = reader.take(8)
                // The two levels that no byte holds announce a second byte.
                if level & 0x7f == 0, reader.take(8) == 0 { return false }
            default:
                index += Int(code.value) + 1
            }
            guard index < 64 else { return false }
        }
    }
}
