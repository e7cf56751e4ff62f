using System.Text.Json;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Tells failures of an event from failures of its surroundings.</summary>
public static class Failures
{
    /// <summary>
    /// True where the same event would fail in the same way again: arithmetic, conversions, arguments, states of the program. Everything
    /// else (calls, files, timeouts, cancellations, disposed objects, unknown exceptions) may pass.
    /// </summary>
    public static bool IsDeterministic(Exception exception) => exception switch
    {
        ObjectDisposedException => false,
        AggregateException { InnerExceptions.Count: > 0 } all => all.InnerExceptions.All(IsDeterministic),
        ArithmeticException or FormatException or ArgumentException or InvalidCastException or IndexOutOfRangeException or KeyNotFoundException
            or NullReferenceException or NotSupportedException or NotImplementedException or JsonException => true,
        // A connection or a client in the wrong state throws this too; those have an inner exception or come from System.Net.
        InvalidOperationException { InnerException: null } own => own.Source?.StartsWith("System.Net", StringComparison.Ordinal) != true,
        _ => false,
    };
}
