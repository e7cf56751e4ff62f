namespace RealTimeMesh.ChangeCapture;

/// <summary>What happened to a row.</summary>
public enum ChangeOperation
{
    /// <summary>Nothing: everything up to the entry's position has been read.</summary>
    Progress,

    /// <summary>The row stood in the table when it was first read (<c>r</c>).</summary>
    Read,

    /// <summary>Inserted (<c>c</c>).</summary>
    Create,

    /// <summary>Updated, its key unchanged (<c>u</c>).</summary>
    Update,

    /// <summary>Deleted, or its key changed (<c>d</c>); perhaps only the key is known.</summary>
    Delete,

    /// <summary>All rows of the table were removed (<c>t</c>); no values.</summary>
    Truncate,
}
