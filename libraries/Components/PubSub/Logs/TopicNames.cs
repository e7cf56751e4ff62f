namespace RealTimeMesh.Components;

/// <summary>Kafka's rule for names of topics, so that a topic made here can move there.</summary>
internal static class TopicNames
{
    private const int MostCharacters = 249;

    public static void Check(string name)
    {
        if (name.Length is 0 or > MostCharacters || name is "." or ".." || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
            throw new AdminException(AdminRefusal.Invalid, $"topic '{name}': found a name that Kafka refuses; expected 1 to {MostCharacters} letters, digits, '.', '_' or '-'; choose another.");
    }
}
