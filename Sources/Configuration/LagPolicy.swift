/// What happens to a viewer that is too far behind.
package enum LagPolicy: Sendable, Equatable { case skip, kick }
