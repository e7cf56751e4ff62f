namespace RealTimeMesh.Lakehouse.Maintenance;

/// <summary>What a table is for; each class has a policy of its own.</summary>
internal enum TableClass
{
    /// <summary>Appended to by this service, many times a minute.</summary>
    Bronze,

    /// <summary>Merged into by builds.</summary>
    Silver,

    /// <summary>Built for readers; tables of any other layer are treated so too.</summary>
    Gold,
}

internal static class TableClasses
{
    /// <summary>By the layer in a table's name, such as <c>bronze.departures</c>.</summary>
    public static TableClass Of(string name) => name.Split('.')[0] switch
    {
        "bronze" => TableClass.Bronze,
        "silver" => TableClass.Silver,
        _ => TableClass.Gold,
    };
}
