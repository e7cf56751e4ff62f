namespace RealTimeMesh.DataQuality;

/// <summary>The first expectation that a row broke.</summary>
/// <param name="Rule">Expectation type, such as <c>expect_column_values_to_be_between</c>.</param>
/// <param name="Column">Column checked; <c>a,b</c> for a pair.</param>
/// <param name="Found">The value as text, cut to 200 characters; personal data is not shown.</param>
/// <param name="Expected">What would have passed.</param>
public readonly record struct ExpectationFailure(string Rule, string Column, string Found, string Expected, ExpectationSeverity Severity);
