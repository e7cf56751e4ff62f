namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Signs of an exception that nobody expected.</summary>
internal static class Unexpected
{
    private static readonly string[] Signs = ["   at ", "Unhandled exception", "ERR_INTERNAL", "An unhandled exception", "Error when executing service method"];

    public static void AssertNoneIn(string log)
    {
        foreach (var line in log.Split('\n'))
            Assert.False(Signs.Any(sign => line.Contains(sign, StringComparison.Ordinal)), line);
    }
}
