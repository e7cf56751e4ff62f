namespace RealTimeMesh.Contracts;

/// <summary>One thing wrong in one configuration file. All faults of all files are collected before anything starts.</summary>
/// <param name="File">Path of the file, as the user named it.</param>
/// <param name="Line">1-based line, or 0 where the whole file is meant.</param>
/// <param name="Element">The key, component or column that is wrong, such as <c>views.delays_by_airport.window</c>.</param>
/// <param name="Found">What stands there.</param>
/// <param name="Expected">What would be accepted.</param>
/// <param name="Cure">What to do about it, one sentence.</param>
public sealed record ConfigurationFault(string File, int Line, string Element, string Found, string Expected, string Cure)
{
    public override string ToString() =>
        $"{File}:{Line}: {Element}: found {Found}; expected {Expected}. {Cure}";
}
