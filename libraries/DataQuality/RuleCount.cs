namespace RealTimeMesh.DataQuality;

/// <summary>How often a rule was broken since it was compiled. Rules after the first that drops a row are not tried for that row.</summary>
public sealed record RuleCount(string Rule, string Column, ExpectationSeverity Severity, long Failed);
