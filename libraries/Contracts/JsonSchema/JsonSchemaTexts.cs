namespace RealTimeMesh.Contracts;

/// <summary>What registries say of each kind of difference.</summary>
internal static class JsonSchemaTexts
{
    private static readonly Dictionary<string, string> Sentences = new(StringComparer.Ordinal)
    {
        ["MULTIPLE_OF_EXPANDED"] = "The value at path '{0}' in the {reader} schema is more than its value in the {writer} schema",
        ["PATTERN_CHANGED"] = "The value at path '{0}' is different between the {reader} and {writer} schema",
        ["MULTIPLE_OF_CHANGED"] = "The value at path '{0}' is different between the {reader} and {writer} schema",
        ["DEPENDENCY_ARRAY_CHANGED"] = "The value at path '{0}' is different between the {reader} and {writer} schema",
        ["TYPE_NARROWED"] = "A type at path '{0}' is different between the {reader} schema and the {writer} schema",
        ["TYPE_CHANGED"] = "A type at path '{0}' is different between the {reader} schema and the {writer} schema",
        ["COMBINED_TYPE_CHANGED"] = "A type at path '{0}' is different between the {reader} schema and the {writer} schema",
        ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"] = "A type at path '{0}' is different between the {reader} schema and the {writer} schema",
        ["ENUM_ARRAY_CHANGED"] = "A type at path '{0}' is different between the {reader} schema and the {writer} schema",
        ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"] = "The {reader} schema has an unopen content model and has a required property at path '{0}' which is missing in the {writer} schema",
    };

    // By the end of the name; the first that fits.
    private static readonly (string End, string Sentence)[] Endings =
    [
        ("_ADDED_TO_OPEN_CONTENT_MODEL", "The {reader} schema has an open content model and has a property or item at path '{0}' which is missing in the {writer} schema"),
        ("_REMOVED_FROM_CLOSED_CONTENT_MODEL", "The {reader} has a closed content model and is missing a property or item present at path '{0}' in the {writer} schema"),
        ("_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "A property or item is missing in the {reader} schema but present at path '{0}' in the {writer} schema and is not covered by its partially open content model"),
        ("_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL", "The {reader} schema has a property or item at path '{0}' which is missing in the {writer} schema and is not covered by its partially open content model"),
        ("_INCREASED", "The value at path '{0}' in the {reader} schema is more than its value in the {writer} schema"),
        ("_DECREASED", "The value at path '{0}' in the {reader} schema is less than its value in the {writer} schema"),
        ("_NARROWED", "An array or combined type at path '{0}' has fewer elements in the {reader} schema than the {writer} schema"),
        ("_EXTENDED", "An array or combined type at path '{0}' has more elements in the {reader} schema than the {writer} schema"),
        ("_ADDED", "The keyword at path '{0}' in the {reader} schema is not present in the {writer} schema"),
        ("_REMOVED", "The keyword at path '{0}' in the {reader} schema is not present in the {writer} schema"),
    ];

    public static SchemaIncompatibility Describe(string type, string path)
    {
        var sentence = Sentences.GetValueOrDefault(type) ?? Array.Find(Endings, ending => type.EndsWith(ending.End, StringComparison.Ordinal)).Sentence;
        if (type == "SCHEMA_ADDED")
            sentence = "";

        return new SchemaIncompatibility(type, path, sentence.Replace("{0}", path, StringComparison.Ordinal), Quote: '\'');
    }
}
