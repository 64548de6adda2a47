/// Why a text is not the value that its key takes; the message follows the key's name.
struct ValueError: Error, Equatable {
    var message: String
}
