namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Values of a metric's labels, in the order of their names; those beyond are empty.</summary>
internal readonly record struct LabelValues(string First, string Second = "", string Third = "", string Fourth = "", string Fifth = "", string Sixth = "")
{
    public string this[int index] => index switch
    {
        0 => First,
        1 => Second,
        2 => Third,
        3 => Fourth,
        4 => Fifth,
        5 => Sixth,
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public static LabelValues Of(ReadOnlySpan<string> values) => new(At(values, 0), At(values, 1), At(values, 2), At(values, 3), At(values, 4), At(values, 5));

    private static string At(ReadOnlySpan<string> values, int index) => index < values.Length ? values[index] : "";
}
