namespace RealTimeMesh.DeltaLake;

/// <summary>What a condition may be for a row of a file.</summary>
internal readonly record struct Outcome(bool True, bool False, bool Null)
{
    public static Outcome Unknown { get; } = new(true, true, true);

    public static Outcome Of(bool? value) => new(value == true, value == false, value is null);
}
