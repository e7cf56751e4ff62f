using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Requests;

/// <summary>Wrong requests: thing, found, expected, cure.</summary>
public static class Refuse
{
    public static AdminException Invalid(string thing, string found, string expected, string cure = "correct it") =>
        new(AdminRefusal.Invalid, $"{thing}: found {found}; expected {expected}; {cure}.");

    public static AdminException Missing(string thing, string expected, string cure) =>
        new(AdminRefusal.NotFound, $"{thing}: found none of this name; expected {expected}; {cure}.");

    public static AdminException Conflict(string thing, string found, string expected, string cure) =>
        new(AdminRefusal.Conflict, $"{thing}: found {found}; expected {expected}; {cure}.");
}
