namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Parts of functions' literals, for engines that write them in their own words.</summary>
public static class SparkFormats
{
    /// <summary>The unit of <c>date_trunc</c> and <c>trunc</c> in its plain form, such as <c>month</c>.</summary>
    public static string UnitOf(FunctionCall call, int argument) => TimeFunctions.Unit(call, argument);

    /// <summary>The pieces of a <c>date_format</c> pattern: <c>yyyy</c>, <c>MM</c>, <c>dd</c>, <c>HH</c>, <c>mm</c>, <c>ss</c> and single characters.</summary>
    public static IEnumerable<string> DateParts(string pattern) => DateFormats.Parts(pattern);
}
