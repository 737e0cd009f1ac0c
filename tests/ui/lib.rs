//! This library is empty. It exists because trybuild passes on the features of the package through
//! it.
