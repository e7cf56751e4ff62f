using System.IO.Enumeration;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>Names of topics with <c>*</c> and <c>?</c>.</summary>
internal static class TopicGlob
{
    public static bool Matches(string glob, string name) => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
}
