/// The version of the whole system, as every service reports it.
package let groundswellVersion = "0.1.0"
