package dev.orrery.env.messenger;

/// What a character is to the avatar.
public enum Role {
    ENEMY,
    MESSAGE,
    GOAL
}
